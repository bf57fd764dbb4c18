"""Words that say nothing, by language: Whoosh's lists, with the question words and contractions that people type."""

from whoosh.lang.stopwords import stoplists

# Greetings and thanks are no such words here: how to say them is what entries are about.
_MORE = {
    "da": "altså bare bør derfor ens få får gør hvem hvilke hvilken hvilket hvordan hvorfor hvorhen hvornår ja jeres kan må nej "
    "ved venligst vores én ét",
    "de": "beide beiden beides beim bereits bitte bräuchte dabei dafür dagegen daher daran darauf darf darfst davon deshalb "
    "deswegen dürfen dürft etwa gern gerne gibt hätte hätten immer ja je jemand jemanden mal mehr möchte möchten müssen "
    "nein niemand niemanden s schon seid seit sowie statt trotzdem tun usw vielleicht wann warum wem wen wer weshalb wessen "
    "weswegen wieso wieviel wofür woher wohin womit woran worauf worden worüber wozu wurde wurden z zb",
    "en": "aren cannot cant could couldn d didn didnt doesn doesnt dont eg else etc ever hadn hasn haven ie im isn isnt ive let "
    "ll m may might must mustn needn please re shall shouldn since upon ve via wasn weren whether whose within without "
    "would wouldn yet",
    "es": "ahí allí aquel aquella aquellas aquellos aquí así aunque bien cada cuales cuanto cuantos cuál cuáles cuándo cuánta "
    "cuántas cuánto cuántos cómo debe deben debería dónde hace hacen hacer hacia luego mientras misma mismo podemos puede "
    "pueden puedo pues quiero quién quiénes según siempre sino solo sólo tal tan toda todas usted ustedes vamos",
    "fi": "aina ehkä eikö ihan ilman jokainen jokaiseen jokaisen jokin joko joku jotta jälkeen kai koskaan kuinka kumpi kuten "
    "kyllä millainen millaisia milloin miten moni monta muu muut myös onko ovatko pitäisi pitää saa saako siis sitten tule "
    "tulee vain vielä voi voiko voimme voin voivat",
    "fr": "afin ainsi alors après aucun aucune aujourd aussi autre autres avant bien car ceci cela celle celles celui cet cette "
    "ceux chaque chez combien comme comment dedans depuis doit doivent donc dont dès encore entre faire fait faut font hui "
    "ici jusqu jusque laquelle lequel lesquelles lesquels leurs lors lorsqu lorsque là moins où parce pendant peu peut "
    "peuvent peux plus plusieurs pourquoi pouvons presque puis puisqu puisque quand quel quelle quelles quelqu quelque "
    "quelques quels quoi quoiqu quoique sans selon seulement si sinon sous surtout tandis tel telle tous tout toute toutes "
    "trop très va vers veut veux voici voilà",
    "hu": "honnan hova hová hány kinek kit kitől kérem meddig melyik melyiket mennyi mennyire miben mikortól miről tud tudok",
    "it": "alcuna alcune alcuni alcuno allora anch ancora bene chiunque cioè ciò cos cosa così d dev deve devo devono dobbiamo "
    "dopo dunque ecco essere fare fino già inoltre invece lì m mai meno mentre molta molte molti molto n nessuna nessuno "
    "niente nulla ogni oppure ora perciò piuttosto poca poche pochi poco poi possiamo posso possono prima proprio può qua "
    "qual qualche qualcosa qualcuno quand quando quant quasi quell quest qui quindi s sempre senza siccome solo sopra sotto "
    "stata state stati stato subito t tale tanto troppo tutta tutte v verso voglio vuoi vuole",
    "nl": "alle alleen allen anders beide daarna daarom echter elk elke gaan gaat geef graag hebt heel hen hoeveel hoezo iedere "
    "iedereen jij jou jouw jullie kunt mag moest moeten mogen n nee nooit onze s sinds sommige soms steeds t tijdens tussen "
    "vaak vanaf via waar waarmee waarom waarop waarvoor wanneer weer wel welk welke wij willen wilt wou z zeer zoals zulke "
    "zullen zult éen één",
    "no": "altså bør derfor får gir gjør gjøre hit hvilket hvorfra hvorhen jo må nei vennligst våre vårt én",
    "pt": "agora ainda algum alguma algumas alguns além antes apenas aqui assim cada cadê cima coisa comigo consigo contra cuja "
    "cujas cujo cujos daquele debaixo deve devem devo durante enquanto então estar favor faz fazem fazemos fazer gente hoje "
    "logo lá mal menos muita muitas muitos nada nenhum nenhuma ninguém nunca onde outra outras outro outros pode podem "
    "podemos porque porquê porém posso pouco pra quais quanta quantas quanto quantos quero quê sempre ser sim sob sobre "
    "talvez tanto toda todas todo todos tudo tão vai vamos vez vão é",
    "ro": "a abia acea aceasta această aceea acei aceia acel acela acele acelea acest acesta aceste acestea acestei acestor "
    "acestui ai aia al ale alt alta alte altul altă am ar are as asemenea asta astea astfel asupra atunci au avea aveam "
    "avem aveţi aveți azi aş aș bună ca care ce cea ceea cei cel cele celor ceva chiar cine cineva cu cui cum cumva câ când "
    "cât câte câtă câţi câți că cărei căror cărui către da dacă dar de deci deja deşi deși din dintre doar după ea ei el "
    "ele era eram este eu există eşti ești face fi fie fiecare fiind fost fără ieri la le li lor lui mai mea mei mele mereu "
    "meu mi mie mult multă mulţi mulți mâine ne nici nimic nişte niște noastre noastră noi nostru noştri noștri nu ori "
    "oricare orice oricine oricum pe pentru peste poate pot prea prima primul prin printr până sa sale sau se sunt suntem "
    "sunteţi sunteți sînt să săi său ta tale te toate toată tot totuşi totuși toţi toți tu tăi tău un una unde undeva unei "
    "unele uneori unii unor unui unul va vi voastre voastră voi vom vor vostru voştri voștri vreo vreun vă îi îl îmi "
    "împotriva în înainte încât încă într între îşi îţi își îți şi ţi și ți",
    "ru": "благодаря ваш ваша ваше вашего ваши весь вся всё ещё её какие каким каких какого какое каком кем кого кому которая "
    "которого которое которой которые который которым которых могут можете мочь моё наш наша наше наши нужно откуда "
    "пожалуйста почему просто свои свой своя сколько также твой те тех чей чему чём это является",
    "sv": "alltså andra annan annat bara behöver båda bör eftersom ens få får gör göra hos hurdan ja kanske kommer ligger lite "
    "måste nej nog också ofta olika redan ska skall snälla tar varifrån vems vet vilja vill väl",
}
_NOT = {"es": "sentid sentida sentidas sentido sentidos siente sintiendo", "hu": "cikk cikkek cikkeket keressünk ill."}


def words_of(language: str) -> frozenset[str]:
    """The stop words of a stem language, as they are written; none where there is no list."""
    given = {*stoplists.get(language, ()), *_MORE.get(language, "").split()}
    return frozenset(given.difference(_NOT.get(language, "").split()))
