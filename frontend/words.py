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
    "EXAMPLE_OF": "Example of", "NEW_IDEA": "New idea", "MISTAKE_REPORT": "Mistake reported", "MOST_USED": "Most used",
}  # fmt: skip

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
STANCES = ("SUPPORTS", "CONTRADICTS", "CONTEXT")
HEALTHS = ("ON_TRACK", "AT_RISK", "OFF_TRACK")
INITIATIVE_KINDS = ("UNDERWAY", "CHANGING", "NEW")
INITIATIVE_STATES = ("PROPOSED", "PLANNED", "LAUNCHED", "ON_HOLD", "COMPLETED", "CANCELLED")
LINKS = {
    "SUPPORTS": "supports", "CONTRADICTS": "contradicts", "SUPERSEDES": "supersedes", "EXAMPLE_OF": "is an example of",
    "RELATED": "is related to",
}  # fmt: skip
BACKLINKS = {
    "SUPPORTS": "is supported by", "CONTRADICTS": "is contradicted by", "SUPERSEDES": "is superseded by",
    "EXAMPLE_OF": "has as an example", "RELATED": "is mentioned by",
}  # fmt: skip
NARROWING = ("kind", "tag", "function", "stage", "freshness", "language", "audience")
SORTS = ("RELEVANCE", "NEWEST", "OLDEST")


def in_words(value: object) -> str:
    """A word of the API as people say it: `BEST_PRACTICE` is "Best practice"; what is not known is spelled out."""
    return SPELLED.get(str(value)) or str(value).replace("_", " ").capitalize()
