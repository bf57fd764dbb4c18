"""The API's fixed vocabularies in words that people read."""

SPELLED = {
    "BEST_PRACTICE": "Best practice", "REQUIREMENTS": "Requirements note", "LESSON": "Lesson learned",
    "PUBLIC": "for everyone", "CUSTOMERS": "for customers", "EMPLOYEES": "for everyone inside", "GROUP": "for one group",
    "IN_REVIEW": "In review", "CHANGES_REQUESTED": "Changes asked for",
    "UNVERIFIED": "not yet verified", "VERIFIED": "verified", "DUE": "review due", "EXPIRED": "review overdue", "CONTESTED": "contested",
    "FIRST_TIME": "First-time customers", "REPEAT": "Repeat customers", "CLIENT": "Clients", "ADVOCATE": "Advocates",
    "SUSPECT": "Suspects", "PROSPECT": "Prospects", "DISQUALIFIED": "Disqualified", "INACTIVE": "Inactive customers",
    "PEOPLE": "People and hiring", "ON_TRACK": "On track", "AT_RISK": "At risk", "OFF_TRACK": "Off track",
    "ON_HOLD": "On hold", "PHONE": "Telephone", "API_IMPORT": "Imported", "COMMUNITY_POST": "Community post",
    "PRICE_VALUE": "Worth for the price", "AFTER_SALES_CARE": "Care after the sale", "SERVICE_IMPRESSION": "How they were met",
    "WHY_BUY": "Why they buy", "HOW_USED": "How they use it", "OPINION": "What they think of it", "WHY_US": "Why they come to us",
    "AFTER_SALES": "How they were looked after", "ESCALATED_EXTERNAL": "With somebody outside", "RESPONSE_PROPOSED": "Answer proposed",
    "DECISION_COMMUNICATED": "Decision told", "RELAY": "What a group hears",
    "EXAMPLE_OF": "Example of", "NEW_IDEA": "New idea", "MISTAKE_REPORT": "Mistake reported", "MOST_USED": "Most used",
}  # fmt: skip

LANGUAGES = {
    "da": "Dansk", "de": "Deutsch", "en": "English", "es": "Español", "fi": "Suomi", "fr": "Français", "hu": "Magyar", "it": "Italiano",
    "ja": "日本語", "ko": "한국어", "nl": "Nederlands", "no": "Norsk", "pl": "Polski", "pt": "Português", "ro": "Română", "ru": "Русский",
    "sv": "Svenska", "th": "ไทย", "zh": "中文",
}  # fmt: skip
"""Languages by what those who speak them call them; any other is shown by its tag."""

KINDS = (
    "BEST_PRACTICE", "INSIGHT", "STORY", "LESSON", "GUIDE", "QUESTION", "IDEA", "REQUIREMENTS", "INITIATIVE", "VISION", "PRINCIPLE",
)  # fmt: skip
AUDIENCES = ("EMPLOYEES", "CUSTOMERS", "PUBLIC", "GROUP")
FRESHNESS = ("VERIFIED", "DUE", "EXPIRED", "CONTESTED", "UNVERIFIED")
FUNCTIONS = (
    "SUPPORT", "SERVICE", "SALES", "MARKETING", "ENGINEERING", "PRODUCT", "OPERATIONS", "FINANCE", "PEOPLE", "FACILITIES",
    "LEADERSHIP", "OTHER",
)  # fmt: skip
LADDER = ("SUSPECT", "PROSPECT", "FIRST_TIME", "REPEAT", "CLIENT", "ADVOCATE")
STAGES = (*LADDER, "INACTIVE", "DISQUALIFIED")
CHANNELS = (
    "PHONE", "EMAIL", "CUSTOMER_CONTACT", "COMPLAINT_SYSTEM", "FOLLOW_UP", "CONTACT_REPORT", "CUSTOMER_SURVEY", "COMMUNITY_SURVEY",
    "INTERVIEW", "FOCUS_GROUP", "COUNCIL", "SERVICE_TRAINING", "TEST_MARKETING", "QUALITY_GUARANTEE", "UNDERCOVER_CUSTOMER",
    "OMBUDSMAN", "SUGGESTION_BOX", "COMMUNITY_POST", "API_IMPORT",
)  # fmt: skip
FEEDBACK_KINDS = ("COMPLAINT", "SUGGESTION", "PRAISE", "LIKE", "DISLIKE", "QUESTION", "NEW_IDEA", "MISTAKE_REPORT")
RUNGS = {
    "SUSPECT": "Suspects", "PROSPECT": "Prospects", "FIRST_TIME": "First-time", "REPEAT": "Repeat", "CLIENT": "Clients",
    "ADVOCATE": "Advocates", "INACTIVE": "Inactive", "DISQUALIFIED": "Disqualified",
}  # fmt: skip
ADVOCACIES = ("REFERRAL", "TESTIMONIAL", "REVIEW", "STORY", "REFERENCE_CALL")
SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
SENTIMENTS = ("VERY_POSITIVE", "POSITIVE", "NEUTRAL", "NEGATIVE", "VERY_NEGATIVE", "MIXED", "UNKNOWN")
ASPECTS = ("WHY_BUY", "HOW_USED", "OPINION", "WHY_US", "PERFORMANCE", "AFTER_SALES")
QUALITIES = (
    "USABILITY", "SERVICEABILITY", "MAINTAINABILITY", "RELIABILITY", "PERFORMANCE", "FUNCTIONALITY", "COMPATIBILITY", "SECURITY",
    "SAFETY", "FLEXIBILITY", "PRICE_VALUE", "AFTER_SALES_CARE", "SERVICE_IMPRESSION",
)  # fmt: skip
STANCES = ("SUPPORTS", "CONTRADICTS", "CONTEXT")
DECISIONS = {
    "DONE": "It is done", "WILL_DO": "We will do it", "INVESTIGATING": "We are finding out", "WILL_NOT": "We will not do it",
    "NO_CHANGE_NEEDED": "It stays as it is",
}  # fmt: skip
HEALTHS = ("ON_TRACK", "AT_RISK", "OFF_TRACK")
INITIATIVE_KINDS = ("UNDERWAY", "CHANGING", "NEW")
INITIATIVE_STATES = ("PROPOSED", "PLANNED", "LAUNCHED", "ON_HOLD", "COMPLETED", "CANCELLED")
HORIZONS = {"SHORT": "within a quarter", "MEDIUM": "within a year", "LONG": "beyond a year"}
CONTRIBUTIONS = {
    "ADDS_VALUE": "customers have something of it", "SUPPORTS_VALUE": "it supports what they have something of",
    "NEITHER": "neither, so far",
}  # fmt: skip
MOVES = {
    "PROPOSED": "Propose it again", "PLANNED": "Plan it", "LAUNCHED": "Launch it", "ON_HOLD": "Put it on hold",
    "COMPLETED": "It is complete", "CANCELLED": "Cancel it",
}  # fmt: skip
VISION_STEPS = (
    "FOCUS_AND_DIRECTION", "COMMON_CHARACTERISTICS", "SCOPE_OF_SERVICES", "COMPETITIVE_ADVANTAGE", "CAPABILITIES",
    "TRUST_AND_APPRECIATION", "FLAWLESS_EXECUTION",
)  # fmt: skip
ISSUE_SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
USE_RESULTS = ("WORKED", "PARTLY", "DID_NOT", "HARMED")
METRICS = ("PROPORTION", "MEAN", "DURATION")
COMPARISONS = ("NONE", "OTHER_GROUP", "BEFORE_AFTER_SERIES")
VERDICTS = ("BETTER", "NO_CHANGE", "WORSE", "HARMED", "TOO_EARLY")
LINKS = {
    "SUPPORTS": "supports", "CONTRADICTS": "contradicts", "SUPERSEDES": "supersedes", "EXAMPLE_OF": "is an example of",
    "RELATED": "is related to",
}  # fmt: skip
BACKLINKS = {
    "SUPPORTS": "is supported by", "CONTRADICTS": "is contradicted by", "SUPERSEDES": "is superseded by",
    "EXAMPLE_OF": "has as an example", "RELATED": "is mentioned by",
}  # fmt: skip
NARROWING = ("kind", "tag", "function", "stage", "freshness", "language", "audience")
STRIPS = {
    "COMMENTS": "In the conversations", "FEEDBACK": "Customers said", "CUSTOMERS": "Customers", "DRAFTS": "Your drafts",
}  # fmt: skip
SCOPES = tuple(STRIPS)
SCOPED = {
    "COMMENTS": ("comment", "comments"), "FEEDBACK": ("thing that customers said", "things that customers said"),
    "CUSTOMERS": ("customer", "customers"), "DRAFTS": ("draft of yours", "drafts of yours"),
}  # fmt: skip
FILTER_NAMES = {name if name == "freshness" else f"{name}s": name for name in NARROWING}
QUEUES = ("APPROVAL", "DUE", "EXPIRED", "CONTESTED", "UNVERIFIED", "SCHEDULED")
SORTS = ("RELEVANCE", "NEWEST", "OLDEST")


REASONS = (
    ("MENTION", "somebody names me"), ("REPLY", "somebody answers me"), ("COMMENT", "somebody comments"),
    ("RESOLVED", "what I raised is settled"), ("REACTION", "somebody reacts to what I wrote"),
    ("SUGGESTION", "somebody suggests a change"), ("SUGGESTION_SETTLED", "a change I suggested is decided on"),
    ("FLAG", "somebody says that something is wrong"), ("FLAG_SETTLED", "what I said was wrong is looked into"),
    ("REVIEW_WANTED", "something waits for my approval"), ("CHANGES_REQUESTED", "I am asked for changes"),
    ("APPROVED", "somebody approves what I wrote"), ("SCHEDULED", "what I wrote is given a date"),
    ("PUBLISHED", "what I wrote or follow is published"), ("NEW", "something new appears that I follow"),
    ("UPDATED", "somebody saves a draft of mine"), ("OBSOLETED", "something takes its place"), ("ARCHIVED", "it is archived"),
    ("VERIFIED", "somebody vouches for it"), ("CONTESTED", "it comes into doubt"), ("DUE", "a review is due"),
    ("EXPIRED", "a review is overdue"), ("EVIDENCE", "a customer's words are attached"), ("PROGRESS", "progress is posted"),
    ("USE", "somebody uses what I wrote"), ("OUTCOME", "somebody tells what came of it"),
    ("RECALLED", "what I scheduled needs more approval"),
    ("ANSWERED", "what I looked for is answered"),
    ("ASSIGNED", "I am to see to what a customer said"), ("RELAYED", "a group I listen to hears something"),
    ("REPLIED", "a customer replies to an answer"), ("LOOP_CLOSED", "what I passed on or said is answered"),
    ("THANKED", "somebody thanks me or my group"),
    ("MOVED", "an initiative is launched, held or done"), ("HELP_WANTED", "an initiative needs help"),
    ("HELP_GIVEN", "somebody helps, or an issue is settled"), ("SILENT", "progress of mine is overdue"),
    ("ASKED", "a question is put to me or my group"), ("ACCEPTED", "my answer is accepted"),
    ("HIDDEN", "what I wrote is hidden"), ("PROMOTED", "what I wrote is taken up"),
)  # fmt: skip
DID = {
    "MENTION": "named you", "REPLY": "answered you", "COMMENT": "commented", "RESOLVED": "settled what you raised",
    "REACTION": "reacted", "SUGGESTION": "suggested a change", "SUGGESTION_SETTLED": "decided on the change you suggested",
    "FLAG": "said that something is wrong", "FLAG_SETTLED": "looked into what you said was wrong",
    "REVIEW_WANTED": "asked for approval", "CHANGES_REQUESTED": "asked for changes", "APPROVED": "approved this",
    "SCHEDULED": "set a date for this", "PUBLISHED": "published this", "NEW": "published this, which is new",
    "UPDATED": "saved a draft", "OBSOLETED": "put something else in its place", "ARCHIVED": "archived this",
    "VERIFIED": "vouched for this", "CONTESTED": "put this in doubt", "EVIDENCE": "attached what a customer said",
    "PROGRESS": "posted progress", "USE": "used this", "OUTCOME": "told what came of it",
    "RECALLED": "has this wait for approval again, so it is off the schedule",
    "ANSWERED": "answered what you looked for", "ALARM": "passed on that a customer speaks of danger",
    "ASSIGNED": "asked you or your group to see to this", "RELAYED": "wrote down what a customer said",
    "REPLIED": "replied to an answer", "LOOP_CLOSED": "answered what a customer said",
    "THANKED": "thanked you",
    "MOVED": "took this to another state", "HELP_WANTED": "asked for help with what is in its way",
    "HELP_GIVEN": "saw to what was in its way",
    "ASKED": "asked you or your group", "ACCEPTED": "accepted your answer", "HIDDEN": "hid what you wrote",
    "PROMOTED": "took up what you wrote",
}  # fmt: skip
HAPPENED = {
    "SILENT": "Its progress is overdue: a line on where it stands is enough",
    "DUE": "Its review is due", "EXPIRED": "Its review is overdue", "CONTESTED": "It has come into doubt",
    "PUBLISHED": "It was published", "NEW": "It was published, and is new", "EVIDENCE": "What a customer said was attached",
    "RECALLED": "It needs more approval by now, so it is off the schedule",
    "ANSWERED": "What you looked for is answered", "ALARM": "A customer speaks of danger",
    "ASSIGNED": "You or your group are asked to see to this", "RELAYED": "A customer said something",
    "REPLIED": "A customer replied to an answer", "LOOP_CLOSED": "What a customer said is answered",
    "THANKED": "You were thanked",
}  # fmt: skip


def heard(reason: str, name: str, others: int) -> str:
    """A notification in words: "Ines and 3 others commented"."""
    if not name and reason in HAPPENED:
        return HAPPENED[reason]
    who = name or "Somebody"
    more = f" and {others} {'other' if others == 1 else 'others'}" if others else ""
    return f"{who}{more} {DID.get(reason, 'did something here')}"


def in_words(value: object) -> str:
    """A word of the API as people say it: `BEST_PRACTICE` is "Best practice"; what is not known is spelled out."""
    return SPELLED.get(str(value)) or str(value).replace("_", " ").capitalize()


def rung(stage: str) -> tuple[str, str]:
    """A stage to send, and the short name of it to show."""
    return stage, RUNGS[stage]


# Privacy.
PURPOSES_OF_CONSENT = ("CONTACT", "SURVEY", "PUBLISH_STORY", "PROFILE", "MARKETING")
CONSENTS = {
    "CONTACT": "To be written to without having asked", "SURVEY": "To be asked in surveys", "PUBLISH_STORY": "That my story is told",
    "PROFILE": "That what is known of me is brought together", "MARKETING": "To be told of what is for sale",
}  # fmt: skip
LOOKS = {
    "COMPLAINT_HANDLING": "To see to a complaint", "SERVICE_DELIVERY": "To deliver what was promised", "ANSWERING": "To answer them",
    "CONTRACT": "For a contract or a bill", "DATA_REQUEST": "To see to what they asked of their data", "LEGAL_DUTY": "The law wants it",
}  # fmt: skip
PURPOSES = tuple(LOOKS)
REQUESTS = {
    "ACCESS": "See everything", "RECTIFY": "Put something right", "ERASE": "Erase everything", "RESTRICT": "Keep it and do not use it",
    "PORT": "Take it elsewhere", "OBJECT": "Do not use it for something",
}  # fmt: skip
REQUEST_STATES = ("OPEN", "DONE", "DECLINED", "WITHDRAWN")
DOING = {
    "ACCESS": "Take out all that is kept, look through it, and hand it over.",
    "RECTIFY": "Put it right first, then say what was changed.",
    "ERASE": "Name, address, words, notes and letters that wait go at once and for good. Numbers stay, and name nobody.",
    "RESTRICT": "They disappear from every page and list until they say otherwise.",
    "PORT": "Take out all that is kept and hand it over as it is.",
    "OBJECT": "Take their consent back first, then say what is not done any more.",
}
KEPT = {
    "FEEDBACK_WORDS": "What customers said, once it is closed", "INTERACTION_NOTES": "Notes of meetings",
    "REQUEST_NOTES": "Words of requests that were seen to", "ACTIVITY_VALUES": "What was before and after each change",
    "SEARCHES": "What was searched for", "LOOKS": "Who looked at what is personal",
    "SURVEY_WORDS": "What was answered to surveys in words",
}  # fmt: skip
INSIGHT_KINDS = {
    "OBSERVATION": "An observation: something was seen", "PATTERN": "A pattern: many customers say so",
    "HYPOTHESIS": "A hypothesis: a guess to be tested", "RECOMMENDATION": "A recommendation, because of an insight that is supported",
}  # fmt: skip
ASSESSMENTS = {
    "UNTESTED": "Not yet", "SUPPORTED": "What was found supports it", "REFUTED": "What was found speaks against it",
}  # fmt: skip
GRADES = {"A": "precise", "B": "fair", "C": "indicative"}
"""How much a figure can carry, in a word behind its interval."""
CAVEATS = {
    "TOO_FEW": "too few for an interval", "NO_DEVIATION": "the spread is not known", "NO_COMPARISON": "nothing to compare it to",
    "FEW_VOICES": "fewer than five customers say so", "LOW_PREVALENCE": "perhaps fewer than 5 in 100 of them",
    "CONCENTRATED": "very few sent most of the messages", "DOMINATED": "one customer sent more than half of the messages",
    "ONE_CHANNEL": "heard in one way only", "LOW_RESPONSE": "fewer than half of those asked have answered",
}  # fmt: skip
"""What to mind in a figure."""

# Scores.
HIGHEST = {"RECOMMENDATION_0_10": 10, "CSAT_1_5": 5, "CES_1_7": 7, "DEGREE_1_7": 7, "IMPORTANCE_1_5": 5}

# Surveys.
SURVEY_STATES = {"DRAFT": "Draft", "OPEN": "Open", "CLOSED": "Over"}
SURVEY_PURPOSES = {
    "RELATIONAL": "How we stand to one another", "TRANSACTIONAL": "How one thing went", "PULSE": "A pulse on trust and appreciation",
    "VERIFICATION": "Whether others feel the same",
}  # fmt: skip
ANONYMITIES = {"IDENTIFIED": "by name", "CONFIDENTIAL": "in confidence", "ANONYMOUS": "unnamed"}
ANONYMITIES_CHOSEN = {
    "CONFIDENTIAL": "It is kept, and shown to nobody", "IDENTIFIED": "Who it is, so that we can answer them",
    "ANONYMOUS": "Nothing: it is not kept",
}  # fmt: skip
PROMISES = {
    "IDENTIFIED": "We know who you are, so that we can answer you.",
    "CONFIDENTIAL": "Nobody is shown who answered what: only figures of several people together.",
    "ANONYMOUS": "Nothing of who you are is kept with your answer.",
}
SCALES = {
    "RECOMMENDATION_0_10": "0 to 10: would you recommend us", "CSAT_1_5": "1 to 5: how satisfied", "CES_1_7": "1 to 7: how easy",
    "DEGREE_1_7": "1 to 7: to what degree", "IMPORTANCE_1_5": "1 to 5: how important", "SINGLE": "One of several choices",
    "MULTI": "Several choices", "TEXT": "Own words", "BOOL": "Yes or no",
}  # fmt: skip
INVITATIONS = {"RANDOM": "by lot", "CENSUS": "everybody", "EVENT": "after it happened", "SELF": "by an open link"}
WAVES = {
    "RANDOM": "Some, drawn by lot", "CENSUS": "Everybody for whom it is", "EVENT": "Those to whom it happens, one by one",
    "SELF": "Whoever comes by an open link",
}  # fmt: skip

# Thanks, and the digest.
VALUES = {
    "EMOTIONAL_CONNECTIVITY": "Close to people", "UNCOMPROMISING_INTEGRITY": "True to their word", "UNLEASHED_CREATIVITY": "A new way",
}  # fmt: skip
VALUES_CHOSEN = (
    ("EMOTIONAL_CONNECTIVITY", "Close to people: they made a connection"),
    ("UNCOMPROMISING_INTEGRITY", "True to their word: they did what was right, though it cost something"),
    ("UNLEASHED_CREATIVITY", "A new way: they dared to try one"),
)
PACES = {
    "NEVER": "No letters go to you.", "DAILY": "A letter goes to you each morning, if something happened.",
    "WEEKLY": "A letter goes to you each Monday, if something happened.",
}  # fmt: skip
PACES_CHOSEN = (("NEVER", "not at all"), ("DAILY", "each morning"), ("WEEKLY", "each Monday"))
# The vision.
DOMAINS = (
    ("CUSTOMERS", "Customers"),
    "COMPETITION",
    "TECHNOLOGY",
    "ECONOMY",
    "LAW",
    ("PEOPLE", "People"),
    "SUPPLY",
    "OTHER",
)
ASSUMED = ("UNTESTED", "TESTING", "SUPPORTED", "REFUTED")
COMMITTED = ("UNAWARE", "AWARE", "UNDERSTANDS", "SUPPORTS", "COMMITTED", "OPPOSED")
