from collections.abc import Iterator, Mapping

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from schema import root

NO_STATISTICS: Mapping[str, str] = {
    "how many there are of what is listed or stored, all of which was counted": """
        *.totalCount Entry.commentCount Entry.suggestionCount Entry.flagCount FacetValue.count HiddenHits.count SearchStrip.count
        KindCount.count ReviewCount.count ReviewCount.mine Tag.entryCount TagMerging.moved TagMerging.both TagMerging.after
        RelatedTag.shared Passage.count Segment.size Viewer.unreadCount Notification.count Notification.others DataPlace.rows
        DataPlace.naming Retention.due DifferencePart.lines Approvals.given Waiting.count
    """,
    "how many pressed a button, told as it is and with nothing concluded from it": """
        ReactionCount.count Usefulness.useful Usefulness.notUseful Gap.people
    """,
    "a rule that somebody set": """
        ApprovalRule.needed Approvals.needed Entry.verifyDays Entry.holdsFor Offering.dormantAfter ReplyTime.hours
        ReplyTime.acknowledgeHours Retention.days Survey.minimumN ShippedSurvey.minimumN SurveyScores.least SurveyQuestion.lowest
        SurveyQuestion.highest Wave.seed Initiative.cadenceDays InitiativeFacts.cadenceDays
    """,
    "what one person said or wrote down of one thing": """
        CharacteristicValue.number NeedRating.importance NeedRating.satisfaction ProgressUpdate.percent Evidence.weight
        MeasuredSide.n MeasuredSide.deviation GivenAnswer.answer SurveyAnswer.number SurveyAnswerGiven.number
        SurveyAnswerGiven.choices Survey.population Wave.population VisionAnswer.degree
        DirectContact.days MeasuredSide.n MeasuredSide.deviation GivenAnswer.answer SurveyAnswer.number SurveyAnswerGiven.number
        SurveyAnswerGiven.choices Survey.population Wave.population
        SurveyAnswerGiven.choices Survey.population Wave.population Initiative.reach Initiative.impact Initiative.effort
        InitiativeFacts.reach InitiativeFacts.impact InitiativeFacts.effort Priority.reach Priority.impact Priority.effort
        CapacityShare.percent
    """,
    "a place, a version or a depth": """
        *.version *.revision *.index *.position *.depth SuggestedEdit.baseRevision Principle.number Revision.number Snapshot.number
        Heading.level SeriesPlace.count RelatedEntry.steps Wave.number ScoredWave.number ScorePart.answer ThemeHeard.byCustomers
        ThemeHeard.byMessages Evidence.quoteStart Evidence.quoteEnd
    """,
    "what orders a list and concludes nothing, shown with its parts": "Priority.confidence Priority.score",
    "promises that were added up, each of which was counted": "GroupLoad.running GroupLoad.planned GroupLoad.initiatives",
    "how search orders what it found, comparable within one search": """
        SearchEdge.score RelatedEntry.score Explanation.score Explanation.meaning Explanation.place ExplainedSignal.factor
        ExplainedWord.adds
    """,
    "how many days one thing has waited": "Question.waitingDays",
    "the size of a file or a picture": "Attachment.size Attachment.width Attachment.height",
    "what an operation costs": "RateLimit.cost RateLimit.limit RateLimit.remaining",
}
"""Every number that the API answers and that is no statistic, with the reason; `*` is any type, and what is said of an interface
holds for whoever implements it. Whatever else is a number has to be an Estimate."""


def named() -> set[str]:
    return {name for names in NO_STATISTICS.values() for name in names.split()}


def numbers() -> Iterator[tuple[str, set[str]]]:
    """Every field that answers numbers, with the names under which it may be listed; what is deprecated goes anyhow."""
    for name, kind in root.SCHEMA.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and name != "Estimate":
            for field, each in kind.fields.items():
                if get_named_type(each.type).name in ("Int", "Float") and not each.deprecation_reason:
                    above = [one.name for one in kind.interfaces if field in one.fields]
                    yield f"{name}.{field}", {f"{one}.{field}" for one in (name, "*", *above)}


def test_every_number_that_is_a_statistic_leaves_as_an_estimate() -> None:
    bare = [field for field, spelled in numbers() if not spelled & named()]

    assert bare == [], "Answer an Estimate, or name the field here with the reason why it is no statistic."
    assert named() - {name for _, spelled in numbers() for name in spelled} == set()
