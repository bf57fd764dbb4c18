"""The domain's fixed vocabularies: each word is the same in Python, in the database and in GraphQL."""

from enum import StrEnum, auto


class Word(StrEnum):
    """A vocabulary whose values are its names."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name


class Role(Word):
    """What someone who signs in may do; ADMIN may all that LEADER may, and so on down to EMPLOYEE. CUSTOMER stands apart."""

    EMPLOYEE = auto()
    STEWARD = auto()
    LEADER = auto()
    ADMIN = auto()
    CUSTOMER = auto()


class GroupKind(Word):
    """The function of a group of colleagues."""

    MARKETING = auto()
    SALES = auto()
    SERVICE = auto()
    SUPPORT = auto()
    ENGINEERING = auto()
    PRODUCT = auto()
    OPERATIONS = auto()
    FINANCE = auto()
    PEOPLE = auto()
    FACILITIES = auto()
    LEADERSHIP = auto()
    OTHER = auto()


class Kind(Word):
    """What an entry is."""

    BEST_PRACTICE = auto()
    INSIGHT = auto()
    VISION = auto()
    INITIATIVE = auto()
    PRINCIPLE = auto()
    STORY = auto()
    IDEA = auto()
    QUESTION = auto()
    REQUIREMENTS = auto()
    LESSON = auto()
    GUIDE = auto()


class Audience(Word):
    """Who an entry is for, once it is published."""

    PUBLIC = auto()
    CUSTOMERS = auto()
    EMPLOYEES = auto()
    GROUP = auto()


class Status(Word):
    """Where an entry is in its life."""

    DRAFT = auto()
    IN_REVIEW = auto()
    CHANGES_REQUESTED = auto()
    SCHEDULED = auto()
    PUBLISHED = auto()
    ARCHIVED = auto()
    OBSOLETE = auto()


class RevisionState(Word):
    """Where one revision of an entry is in its life."""

    DRAFT = auto()
    IN_REVIEW = auto()
    CHANGES_REQUESTED = auto()
    SCHEDULED = auto()
    PUBLISHED = auto()
    SUPERSEDED = auto()


class Freshness(Word):
    """Whether someone has vouched for an entry lately; independent of its life cycle."""

    UNVERIFIED = auto()
    VERIFIED = auto()
    DUE = auto()
    EXPIRED = auto()
    CONTESTED = auto()


class Signal(Word):
    """What is known of an entry beside its text and moves it a little in the order of hits."""

    VERIFIED = auto()
    PROVEN = auto()
    EXPIRED = auto()
    CONTESTED = auto()
    OBSOLETE = auto()


class Rarity(Word):
    """How many of the entries that somebody may read have a word."""

    RARE = auto()
    USUAL = auto()
    COMMON = auto()


class LinkKind(Word):
    """How one entry stands to another."""

    SUPPORTS = auto()
    CONTRADICTS = auto()
    SUPERSEDES = auto()
    RELATED = auto()
    EXAMPLE_OF = auto()


class Stage(Word):
    """The rungs of the loyalty ladder, and the two places beside it."""

    SUSPECT = auto()
    PROSPECT = auto()
    FIRST_TIME = auto()
    REPEAT = auto()
    CLIENT = auto()
    ADVOCATE = auto()
    DISQUALIFIED = auto()
    INACTIVE = auto()


class InsightState(Word):
    """How far a claim has been tested."""

    UNTESTED = auto()
    SUPPORTED = auto()
    CONTESTED = auto()
    REFUTED = auto()
    SUPERSEDED = auto()


class InitiativeKind(Word):
    """Whether an initiative runs already, changes its direction or is new."""

    UNDERWAY = auto()
    CHANGING = auto()
    NEW = auto()


class InitiativeStatus(Word):
    """Where an initiative is between being proposed and being done."""

    PROPOSED = auto()
    PLANNED = auto()
    LAUNCHED = auto()
    ON_HOLD = auto()
    COMPLETED = auto()
    CANCELLED = auto()


class Health(Word):
    """The honest colour of an initiative."""

    ON_TRACK = auto()
    AT_RISK = auto()
    OFF_TRACK = auto()


class VisionStep(Word):
    """The seven steps from a vision to its execution."""

    FOCUS_AND_DIRECTION = auto()
    COMMON_CHARACTERISTICS = auto()
    SCOPE_OF_SERVICES = auto()
    COMPETITIVE_ADVANTAGE = auto()
    CAPABILITIES = auto()
    TRUST_AND_APPRECIATION = auto()
    FLAWLESS_EXECUTION = auto()


class AnswerKind(Word):
    """How a guiding question is answered."""

    TEXT = auto()
    DEGREE = auto()
    LINKS = auto()


class CustomerKind(Word):
    """Whether a customer is one person or an organisation."""

    PERSON = auto()
    ORGANISATION = auto()


class CustomerRelation(Word):
    """Customers outside the company, and colleagues served along the value chain, are customers alike."""

    EXTERNAL = auto()
    INTERNAL = auto()


class CustomerStatus(Word):
    """Whether a customer's record stands for itself."""

    ACTIVE = auto()
    MERGED = auto()
    ERASED = auto()
    RESTRICTED = auto()


class StageSource(Word):
    """Whether a stage follows from facts or was set by a person."""

    DERIVED = auto()
    MANUAL = auto()


class TransitionCause(Word):
    """What moved a customer on the ladder."""

    RULE = auto()
    MANUAL = auto()
    IMPORT = auto()
    MERGE = auto()


class Channel(Word):
    """The ways a customer is heard."""

    CUSTOMER_SURVEY = auto()
    FOLLOW_UP = auto()
    COMMUNITY_SURVEY = auto()
    CUSTOMER_CONTACT = auto()
    CONTACT_REPORT = auto()
    COUNCIL = auto()
    FOCUS_GROUP = auto()
    INTERVIEW = auto()
    EMAIL = auto()
    SERVICE_TRAINING = auto()
    TEST_MARKETING = auto()
    QUALITY_GUARANTEE = auto()
    UNDERCOVER_CUSTOMER = auto()
    OMBUDSMAN = auto()
    COMPLAINT_SYSTEM = auto()
    PHONE = auto()
    SUGGESTION_BOX = auto()
    COMMUNITY_POST = auto()
    API_IMPORT = auto()


class FeedbackKind(Word):
    """What a customer's words are."""

    LIKE = auto()
    DISLIKE = auto()
    COMPLAINT = auto()
    SUGGESTION = auto()
    PRAISE = auto()
    QUESTION = auto()
    NEW_IDEA = auto()
    MISTAKE_REPORT = auto()


class FeedbackStatus(Word):
    """Where feedback is on its way to an answer."""

    NEW = auto()
    TRIAGED = auto()
    IN_PROGRESS = auto()
    ANSWERED = auto()
    CLOSED = auto()
    REOPENED = auto()


class Severity(Word):
    """How much harm a problem does to the customer."""

    LOW = auto()
    MEDIUM = auto()
    HIGH = auto()
    CRITICAL = auto()


class Stance(Word):
    """What a piece of evidence does to the claim it is attached to."""

    SUPPORTS = auto()
    CONTRADICTS = auto()
    CONTEXT = auto()


class Basis(Word):
    """How those who are counted in a statistic were chosen."""

    RANDOM = auto()
    CENSUS = auto()
    SELF_SELECTED = auto()


class ReviewQueue(Word):
    """What an entry waits for from those who review and verify."""

    APPROVAL = auto()
    DUE = auto()
    EXPIRED = auto()
    CONTESTED = auto()
    UNVERIFIED = auto()
    SCHEDULED = auto()


class CommentAudience(Word):
    """Who reads a comment, of those who read the entry."""

    INSIDE = auto()
    READERS = auto()


class ReactionKind(Word):
    """What somebody says to an entry or a comment with one click."""

    LIKE = auto()
    DISLIKE = auto()
    THANKS = auto()
    INSIGHTFUL = auto()
    SAME_HERE = auto()


class SuggestionState(Word):
    """What became of a suggested edit."""

    OPEN = auto()
    TAKEN = auto()
    DECLINED = auto()


class FlagReason(Word):
    """What is wrong with an entry or a comment, in the eyes of a reader."""

    OUTDATED = auto()
    WRONG = auto()
    UNSAFE = auto()
    INAPPROPRIATE = auto()
    DUPLICATE = auto()


class FlagState(Word):
    """What became of a flag."""

    OPEN = auto()
    UPHELD = auto()
    DISMISSED = auto()


class FlagOutcome(Word):
    """How a flag is settled."""

    UPHELD = auto()
    DISMISSED = auto()


class FollowTarget(Word):
    """What can be followed."""

    ENTRY = auto()
    TAG = auto()
    KIND = auto()
    PERSON = auto()
    GROUP = auto()
    SEARCH = auto()
    RELAY = auto()


class FollowState(Word):
    """How somebody stands to what they follow, or followed: what was left stays left."""

    FOLLOWING = auto()
    LEFT = auto()
    MUTED = auto()


class Reason(Word):
    """What somebody is told of."""

    MENTION = auto()
    REPLY = auto()
    COMMENT = auto()
    RESOLVED = auto()
    REACTION = auto()
    SUGGESTION = auto()
    SUGGESTION_SETTLED = auto()
    FLAG = auto()
    FLAG_SETTLED = auto()
    REVIEW_WANTED = auto()
    CHANGES_REQUESTED = auto()
    APPROVED = auto()
    SCHEDULED = auto()
    PUBLISHED = auto()
    NEW = auto()
    UPDATED = auto()
    OBSOLETED = auto()
    ARCHIVED = auto()
    VERIFIED = auto()
    CONTESTED = auto()
    DUE = auto()
    EXPIRED = auto()
    EVIDENCE = auto()
    PROGRESS = auto()
    USE = auto()
    OUTCOME = auto()
    RECALLED = auto()
    ANSWERED = auto()
    ALARM = auto()
    ASSIGNED = auto()
    RELAYED = auto()
    REPLIED = auto()
    LOOP_CLOSED = auto()
    THANKED = auto()
    MOVED = auto()
    HELP_WANTED = auto()
    HELP_GIVEN = auto()
    SILENT = auto()
    ASKED = auto()
    ACCEPTED = auto()
    HIDDEN = auto()
    PROMOTED = auto()


class Change(Word):
    """What became of a piece of text between two revisions."""

    SAME = auto()
    REMOVED = auto()
    ADDED = auto()


class FieldShape(Word):
    """How a field of an entry is written."""

    TEXT = auto()
    LINE = auto()
    CHOICE = auto()
    LIST = auto()


class UseResult(Word):
    """What came of using a practice once, as the person who used it says."""

    WORKED = auto()
    PARTLY = auto()
    DID_NOT = auto()
    HARMED = auto()


class MetricKind(Word):
    """What was measured: a share of cases, a mean, or how long something takes."""

    PROPORTION = auto()
    MEAN = auto()
    DURATION = auto()


class Comparison(Word):
    """What the figure after a change is held against, and so how much may be claimed."""

    NONE = auto()
    OTHER_GROUP = auto()
    BEFORE_AFTER_SERIES = auto()


class Verdict(Word):
    """What whoever measured says came of it."""

    BETTER = auto()
    NO_CHANGE = auto()
    WORSE = auto()
    HARMED = auto()
    TOO_EARLY = auto()


class NoteReason(Word):
    """Why a part of a query was not read as it may have been meant."""

    NO_DATE = auto()
    UNKNOWN_KIND = auto()
    UNKNOWN_FIELD = auto()
    EMPTY_FIELD = auto()
    UNKNOWN_TAG = auto()
    OPEN_QUOTE = auto()
    BRACKETS = auto()
    IMPOSSIBLE = auto()
    ONLY_WITHOUT = auto()
    LITTLE_WORDS = auto()
    TOO_MANY_WORDS = auto()
    NO_WORDS = auto()


class Phase(Word):
    """Where in the life of a product or service a customer meets the company."""

    AWARENESS = auto()
    EVALUATION = auto()
    PURCHASE = auto()
    DELIVERY = auto()
    ONBOARDING = auto()
    USE = auto()
    SUPPORT = auto()
    MAINTENANCE = auto()
    RENEWAL = auto()
    EXIT = auto()


class Direction(Word):
    """Who began an interaction."""

    FROM_CUSTOMER = auto()
    TO_CUSTOMER = auto()


class Medium(Word):
    """What the customer met: people are not the only point of connection."""

    PERSON = auto()
    PRODUCT = auto()
    SERVICE = auto()
    DIGITAL = auto()


class InteractionKind(Word):
    """What happened between a customer and the company."""

    CONVERSATION = auto()
    CALL = auto()
    MESSAGE = auto()
    VISIT = auto()
    DELIVERY = auto()
    REPAIR = auto()
    TRAINING = auto()
    EVENT = auto()
    CUSTOMER_PRESENTATION = auto()
    OTHER = auto()


class NeedDecision(Word):
    """What the company has decided about a need."""

    MEET = auto()
    EXPLORE = auto()
    DECLINED = auto()


class ValueKind(Word):
    """What the values of a characteristic are."""

    TEXT = auto()
    NUMBER = auto()
    DAY = auto()
    FLAG = auto()


class SegmentMethod(Word):
    """How a segment gets its members."""

    MANUAL = auto()
    RULE = auto()


class Predicate(Word):
    """What one node of a segment's rule asks of a customer; the first three ask it of the nodes below them."""

    ALL = auto()
    ANY = auto()
    NONE = auto()
    RELATION = auto()
    KIND = auto()
    STAGE = auto()
    GROUP = auto()
    PARENT = auto()
    JOINED_FROM = auto()
    JOINED_BEFORE = auto()
    CHARACTERISTIC_KNOWN = auto()
    CHARACTERISTIC_IS = auto()
    CHARACTERISTIC_AT_LEAST = auto()
    CHARACTERISTIC_AT_MOST = auto()
    SEGMENT = auto()


class PlanStatus(Word):
    """Where a partnership plan is."""

    DRAFT = auto()
    AGREED = auto()
    ENDED = auto()


class OfferingKind(Word):
    """Whether what is offered is a thing or something that is done."""

    PRODUCT = auto()
    SERVICE = auto()


class OfferingScope(Word):
    """Whether what is offered is offered today."""

    CURRENT = auto()
    MODIFIED = auto()
    NEW = auto()
    RETIRED = auto()


class TransactionKind(Word):
    """What took place between a customer and us."""

    PURCHASE = auto()
    RENEWAL = auto()
    SERVICE_DELIVERY = auto()


class AdvocacyKind(Word):
    """How a customer spoke for us."""

    REFERRAL = auto()
    TESTIMONIAL = auto()
    REVIEW = auto()
    STORY = auto()
    REFERENCE_CALL = auto()


class Sentiment(Word):
    """How a customer feels about what they speak of."""

    VERY_NEGATIVE = auto()
    NEGATIVE = auto()
    NEUTRAL = auto()
    POSITIVE = auto()
    VERY_POSITIVE = auto()
    MIXED = auto()
    UNKNOWN = auto()


class SentimentSource(Word):
    """Who says how a customer feels."""

    CUSTOMER = auto()
    HUMAN = auto()
    MODEL = auto()


class QualityAttribute(Word):
    """Which quality of a product or a service a customer speaks of."""

    USABILITY = auto()
    SERVICEABILITY = auto()
    MAINTAINABILITY = auto()
    RELIABILITY = auto()
    PERFORMANCE = auto()
    FUNCTIONALITY = auto()
    COMPATIBILITY = auto()
    SECURITY = auto()
    SAFETY = auto()
    FLEXIBILITY = auto()
    PRICE_VALUE = auto()
    AFTER_SALES_CARE = auto()
    SERVICE_IMPRESSION = auto()


class Aspect(Word):
    """Which of the questions that one asks of customers their words answer."""

    WHY_BUY = auto()
    HOW_USED = auto()
    OPINION = auto()
    WHY_US = auto()
    PERFORMANCE = auto()
    AFTER_SALES = auto()


class InboxQueue(Word):
    """What waits in the inbox of feedback."""

    NEW = auto()
    MINE = auto()
    WAITING = auto()
    OVERDUE = auto()


class CaseStage(Word):
    """Where a complaint is on its way, after ISO 10002."""

    RECEIVED = auto()
    ACKNOWLEDGED = auto()
    ASSESSED = auto()
    INVESTIGATING = auto()
    RESPONSE_PROPOSED = auto()
    DECISION_COMMUNICATED = auto()
    CLOSED = auto()
    REOPENED = auto()
    ESCALATED_EXTERNAL = auto()


class Reach(Word):
    """How many people something has reached, told so that it names none of them."""

    NOBODY = auto()
    FEW = auto()
    SEVERAL = auto()


class LoopKind(Word):
    """Whom an answer is for: those who said something, or all whom it concerns."""

    INNER = auto()
    OUTER = auto()


class Decision(Word):
    """What was decided about what was heard."""

    WILL_DO = auto()
    DONE = auto()
    WILL_NOT = auto()
    INVESTIGATING = auto()
    NO_CHANGE_NEEDED = auto()


class ResponseState(Word):
    """Whether an answer has been told."""

    DRAFT = auto()
    PUBLISHED = auto()


class DeliveryChannel(Word):
    """How somebody is told of an answer."""

    PORTAL = auto()
    EMAIL = auto()


class MailState(Word):
    """What has become of the letter that tells of an answer."""

    QUEUED = auto()
    SENDING = auto()
    SENT = auto()
    FAILED = auto()
    DROPPED = auto()


# Privacy.


class ConsentPurpose(Word):
    """What a customer may agree to, each by itself."""

    CONTACT = auto()
    SURVEY = auto()
    PUBLISH_STORY = auto()
    PROFILE = auto()
    MARKETING = auto()


class LookPurpose(Word):
    """Why somebody looks at what is personal."""

    COMPLAINT_HANDLING = auto()
    SERVICE_DELIVERY = auto()
    ANSWERING = auto()
    CONTRACT = auto()
    DATA_REQUEST = auto()
    LEGAL_DUTY = auto()


class DataRequestKind(Word):
    """What somebody may ask of the data about them."""

    ACCESS = auto()
    RECTIFY = auto()
    ERASE = auto()
    RESTRICT = auto()
    PORT = auto()
    OBJECT = auto()


class DataRequestState(Word):
    """Where a request about data is."""

    OPEN = auto()
    DONE = auto()
    DECLINED = auto()
    WITHDRAWN = auto()


class RetentionOf(Word):
    """What is kept only for a time."""

    FEEDBACK_WORDS = auto()
    INTERACTION_NOTES = auto()
    REQUEST_NOTES = auto()
    ACTIVITY_VALUES = auto()
    SEARCHES = auto()
    LOOKS = auto()
    SURVEY_WORDS = auto()


# Surveys.


class SurveyAudience(Word):
    """Whom a survey asks: customers outside, or colleagues and internal customers."""

    EXTERNAL = auto()
    INTERNAL = auto()


class SurveyPurpose(Word):
    """What a survey is for."""

    RELATIONAL = auto()
    TRANSACTIONAL = auto()
    PULSE = auto()
    VERIFICATION = auto()


class Anonymity(Word):
    """What is known of whoever answered: who, who but for nobody's eyes, or nothing."""

    IDENTIFIED = auto()
    CONFIDENTIAL = auto()
    ANONYMOUS = auto()


class SurveyState(Word):
    """Whether a survey is still written, is asked, or is over."""

    DRAFT = auto()
    OPEN = auto()
    CLOSED = auto()


class SurveyMetric(Word):
    """What a question measures, and on which scale."""

    RECOMMENDATION_0_10 = auto()
    CSAT_1_5 = auto()
    CES_1_7 = auto()
    DEGREE_1_7 = auto()
    IMPORTANCE_1_5 = auto()
    SINGLE = auto()
    MULTI = auto()
    TEXT = auto()
    BOOL = auto()


class InvitationKind(Word):
    """How somebody came to be asked: by lot, as everybody, after something happened, or because they came by themselves."""

    RANDOM = auto()
    CENSUS = auto()
    EVENT = auto()
    SELF = auto()


class ScoreUnit(Word):
    """In what a score is told."""

    POINTS = auto()
    SHARE = auto()
    MEAN = auto()


class ScoreCut(Word):
    """By what the answers to a survey are told apart."""

    STAGE = auto()
    GROUP = auto()
    SEGMENT = auto()


class Satisfaction(Word):
    """How content somebody said they are."""

    SATISFIED = auto()
    BETWEEN = auto()
    DISSATISFIED = auto()


# Evidence and insights.


class InsightKind(Word):
    """What a claim is: something seen, something seen with many, a guess, or advice."""

    OBSERVATION = auto()
    PATTERN = auto()
    HYPOTHESIS = auto()
    RECOMMENDATION = auto()


class EvidenceTarget(Word):
    """What a piece of evidence is taken from."""

    FEEDBACK = auto()
    INTERACTION = auto()
    SURVEY_RESULT = auto()
    ENTRY = auto()
    DOCUMENT = auto()


class PatternVerdict(Word):
    """Whether what some customers say may be said of customers."""

    NOTHING_HEARD = auto()
    NOT_YET_A_PATTERN = auto()
    PATTERN = auto()
    SAFETY = auto()


# Themes, counted.


class Loudness(Word):
    """By what themes are ranked: by those who speak, or by how often they do."""

    CUSTOMERS = auto()
    MESSAGES = auto()


# Vision: what it is answered by, what it rests on, and who stands behind it.
class AssumptionDomain(Word):
    """What an assumption about the world outside is about."""

    CUSTOMERS = auto()
    COMPETITION = auto()
    TECHNOLOGY = auto()
    ECONOMY = auto()
    LAW = auto()
    PEOPLE = auto()
    SUPPLY = auto()
    OTHER = auto()


class AssumptionState(Word):
    """How far an assumption has been tested."""

    UNTESTED = auto()
    TESTING = auto()
    SUPPORTED = auto()
    REFUTED = auto()


class CommitmentState(Word):
    """Where a stakeholder stands towards a version of the vision."""

    UNAWARE = auto()
    AWARE = auto()
    UNDERSTANDS = auto()
    SUPPORTS = auto()
    COMMITTED = auto()
    OPPOSED = auto()


# Initiatives: how they are planned, weighed and carried out.
class Horizon(Word):
    """How far ahead an initiative pays: this quarter, this year, or beyond it."""

    SHORT = auto()
    MEDIUM = auto()
    LONG = auto()


class Contribution(Word):
    """Whether an initiative creates value for customers, supports what does, or neither."""

    ADDS_VALUE = auto()
    SUPPORTS_VALUE = auto()
    NEITHER = auto()


class IssueState(Word):
    """Where a critical issue of an initiative is."""

    OPEN = auto()
    MITIGATING = auto()
    RESOLVED = auto()
    ACCEPTED = auto()


# The community and its culture.
class CultureValue(Word):
    """The three values for which somebody is thanked."""

    EMOTIONAL_CONNECTIVITY = auto()
    UNCOMPROMISING_INTEGRITY = auto()
    UNLEASHED_CREATIVITY = auto()


class DigestPace(Word):
    """How often somebody wants to be written to about what they follow."""

    NEVER = auto()
    DAILY = auto()
    WEEKLY = auto()


# Posts: whose they are, and how far a question has come.
class Teller(Word):
    """Whose posts are wanted."""

    COLLEAGUES = auto()
    CUSTOMERS = auto()


class AnswerState(Word):
    """How far a question has come: nobody has answered, somebody has, or an answer was accepted."""

    WAITING = auto()
    ANSWERED = auto()
    ACCEPTED = auto()


# What is missing, and what waits.
class MissingLink(Word):
    """What is missing at a link of the chain from the vision to its evidence."""

    VISION = auto()
    ANSWER = auto()
    INITIATIVE = auto()
    PRACTICE = auto()
    INSIGHT = auto()
    EVIDENCE = auto()


class WaitingKind(Word):
    """What waits for somebody who comes in."""

    APPROVALS = auto()
    DUE = auto()
    EXPIRED = auto()
    CONTESTED = auto()
    FEEDBACK = auto()
    OVERDUE = auto()
    QUESTIONS = auto()
    ISSUES = auto()
    STALE_INITIATIVES = auto()
    ASSUMPTIONS = auto()
    MEANING = auto()
    SUGGESTIONS = auto()
    FLAGS = auto()
    DATA_REQUESTS = auto()
    DRAFTS = auto()
    ANSWERS = auto()
    SURVEYS = auto()
