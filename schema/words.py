"""The domain's vocabularies as GraphQL enums, each value with what it means."""

from enum import Enum
from typing import Any

import strawberry

from knowledge import estimates, words
from knowledge.community import comments
from knowledge.entries import acts, listing, tags
from knowledge.errors import Code
from knowledge.initiatives import priority
from knowledge.people import Act
from knowledge.search import index, related, strips


def described(vocabulary: type[Enum], description: str, *, name: str | None = None, **values: str) -> Any:
    """Register an enum with a description for every value; a value without one is a mistake of ours."""
    if missing := set(vocabulary.__members__) ^ set(values):
        raise ValueError(f"{vocabulary.__name__}: {sorted(missing)}")
    registered = strawberry.enum(vocabulary, name=name, description=description)
    for value in registered.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = values[value.name]
    return registered


Role = described(
    words.Role,
    "What someone who signs in may do.",
    EMPLOYEE="Reads and writes knowledge, reads all customer-experience data.",
    STEWARD="May also approve, verify and curate what others wrote.",
    LEADER="May also publish vision, principles and initiatives.",
    ADMIN="May also manage people.",
    CUSTOMER="Sees what is published for customers, and their own data.",
)
GroupKind = described(
    words.GroupKind,
    "The function of a group of colleagues.",
    MARKETING="Marketing.",
    SALES="Sales.",
    SERVICE="Service in the field.",
    SUPPORT="Support by phone and mail.",
    ENGINEERING="Engineering.",
    PRODUCT="Product management.",
    OPERATIONS="Operations and logistics.",
    FINANCE="Finance.",
    PEOPLE="People and culture.",
    FACILITIES="Facilities and reception.",
    LEADERSHIP="Leadership.",
    OTHER="Any other function.",
)
Kind = described(
    words.Kind,
    "What an entry is.",
    BEST_PRACTICE="Something that worked, in six parts, ready to use.",
    INSIGHT="A claim about customers that stands beside its evidence.",
    VISION="Where the company is going, what that means, and why.",
    INITIATIVE="What carries the vision out.",
    PRINCIPLE="One of the twelve.",
    STORY="Something that happened.",
    IDEA="Something to try.",
    QUESTION="Something somebody wants to know.",
    REQUIREMENTS="What a product must do, for every group of its users.",
    LESSON="A mistake worth telling.",
    GUIDE="How something is done.",
)
Audience = described(
    words.Audience,
    "Who an entry is for, once it is published.",
    PUBLIC="Everyone.",
    CUSTOMERS="Customers and colleagues.",
    EMPLOYEES="Colleagues.",
    GROUP="The functional groups that are named.",
)
Status = described(
    words.Status,
    "Where an entry is in its life.",
    DRAFT="Being written; its author and owner see it.",
    IN_REVIEW="Submitted, and waiting for somebody other than its author.",
    CHANGES_REQUESTED="Given back to its author with a comment.",
    SCHEDULED="Approved, and published at a set time.",
    PUBLISHED="Out, for its audience.",
    ARCHIVED="Taken out of every list.",
    OBSOLETE="Superseded by another entry.",
)
RevisionState = described(
    words.RevisionState,
    "Where one revision is in its life.",
    DRAFT="Saved.",
    IN_REVIEW="Submitted.",
    CHANGES_REQUESTED="Given back with a comment.",
    SCHEDULED="Approved, and published at a set time.",
    PUBLISHED="What readers see.",
    SUPERSEDED="What readers saw before.",
)
Freshness = described(
    words.Freshness,
    "Whether someone has vouched for an entry lately.",
    UNVERIFIED="Nobody has yet.",
    VERIFIED="Somebody has, and it still holds.",
    DUE="Its verification ends within a week.",
    EXPIRED="Its verification has ended.",
    CONTESTED="Evidence or an outcome speaks against it.",
)
LinkKind = described(
    words.LinkKind,
    "How one entry stands to another.",
    SUPPORTS="It supports it.",
    CONTRADICTS="It contradicts it.",
    SUPERSEDES="It takes its place.",
    RELATED="It is worth reading beside it.",
    EXAMPLE_OF="It is an example of it.",
)
Stage = described(
    words.Stage,
    "The rungs of the loyalty ladder, and the two places beside it.",
    SUSPECT="Might buy one day.",
    PROSPECT="Has the need and the means.",
    FIRST_TIME="Has bought once.",
    REPEAT="Has bought more than once.",
    CLIENT="Buys all they can use.",
    ADVOCATE="A client who brings others.",
    DISQUALIFIED="Lacks the need or the means.",
    INACTIVE="Bought before, and not lately.",
)
InsightState = described(
    words.InsightState,
    "How far a claim has been tested.",
    UNTESTED="Not yet.",
    SUPPORTED="What has been found supports it.",
    CONTESTED="What has been found disagrees.",
    REFUTED="What has been found speaks against it.",
    SUPERSEDED="Another insight has taken its place.",
)
InitiativeKind = described(
    words.InitiativeKind,
    "Whether an initiative runs already, changes direction or is new.",
    UNDERWAY="Runs already.",
    CHANGING="Runs, and changes its scope or direction.",
    NEW="Is to be planned.",
)
InitiativeStatus = described(
    words.InitiativeStatus,
    "Where an initiative is between being proposed and being done.",
    PROPOSED="Somebody suggests it.",
    PLANNED="It is decided.",
    LAUNCHED="It runs.",
    ON_HOLD="It waits.",
    COMPLETED="It is done.",
    CANCELLED="It was given up.",
)
Health = described(
    words.Health,
    "The honest colour of an initiative.",
    ON_TRACK="It goes as planned.",
    AT_RISK="It may not.",
    OFF_TRACK="It does not.",
)
VisionStepKey = described(
    words.VisionStep,
    "The seven steps from a vision to its execution.",
    name="VisionStepKey",
    FOCUS_AND_DIRECTION="Focus and direction.",
    COMMON_CHARACTERISTICS="What customers have in common.",
    SCOPE_OF_SERVICES="The scope of services.",
    COMPETITIVE_ADVANTAGE="The competitive advantage.",
    CAPABILITIES="Capabilities.",
    TRUST_AND_APPRECIATION="Trust and appreciation.",
    FLAWLESS_EXECUTION="Flawless execution.",
)
AnswerKind = described(
    words.AnswerKind,
    "How a guiding question is answered.",
    TEXT="In words.",
    DEGREE="By a degree from 1 to 7.",
    LINKS="By links to entries.",
)
CustomerKind = described(
    words.CustomerKind,
    "Whether a customer is one person or an organisation.",
    PERSON="One person.",
    ORGANISATION="An organisation.",
)
CustomerRelation = described(
    words.CustomerRelation,
    "Where a customer stands; both are served alike.",
    EXTERNAL="Outside the company.",
    INTERNAL="Colleagues who are served along the value chain.",
)
Channel = described(
    words.Channel,
    "The way a customer was heard.",
    CUSTOMER_SURVEY="A survey among customers.",
    FOLLOW_UP="A follow-up after a sale or a service.",
    COMMUNITY_SURVEY="A survey in the community.",
    CUSTOMER_CONTACT="A direct contact.",
    CONTACT_REPORT="A report that a colleague wrote after a contact.",
    COUNCIL="A customer council.",
    FOCUS_GROUP="A focus group.",
    INTERVIEW="An interview.",
    EMAIL="An e-mail.",
    SERVICE_TRAINING="A training in service.",
    TEST_MARKETING="A test in the market.",
    QUALITY_GUARANTEE="A claim under a quality guarantee.",
    UNDERCOVER_CUSTOMER="A colleague who was a customer for a day; not a customer's voice.",
    OMBUDSMAN="The ombudsman.",
    COMPLAINT_SYSTEM="The complaint system.",
    PHONE="The phone.",
    SUGGESTION_BOX="The suggestion box.",
    COMMUNITY_POST="A post in the community.",
    API_IMPORT="An import from another system.",
)
FeedbackKind = described(
    words.FeedbackKind,
    "What a customer's words are.",
    LIKE="Something they like.",
    DISLIKE="Something they dislike.",
    COMPLAINT="A complaint.",
    SUGGESTION="A suggestion.",
    PRAISE="Praise.",
    QUESTION="A question.",
    NEW_IDEA="A new idea.",
    MISTAKE_REPORT="A mistake they report.",
)
FeedbackStatus = described(
    words.FeedbackStatus,
    "Where feedback is on its way to an answer.",
    NEW="Nobody has looked at it yet.",
    TRIAGED="Somebody has.",
    IN_PROGRESS="Somebody works on it.",
    ANSWERED="The customer was told.",
    CLOSED="It is done.",
    REOPENED="The customer replied.",
)
Severity = described(
    words.Severity,
    "How much harm a problem does to the customer.",
    LOW="Little.",
    MEDIUM="Some.",
    HIGH="Much.",
    CRITICAL="Safety or livelihood is at stake.",
)
Stance = described(
    words.Stance,
    "What a piece of evidence does to the claim it is attached to.",
    SUPPORTS="It supports it.",
    CONTRADICTS="It contradicts it.",
    CONTEXT="It helps to understand it.",
)
Scope = described(
    Act,
    "What a role allows, and what a token may be granted; as a scope it is written in lower case, such as entries:read.",
    name="Act",
    ENTRIES_READ="Read entries.",
    ENTRIES_WRITE="Write entries, link them and attach evidence.",
    ENTRIES_CURATE="Approve, verify and archive what others wrote.",
    CUSTOMERS_READ="Read customers.",
    CUSTOMERS_WRITE="Record and change customers.",
    FEEDBACK_READ="Read what customers said.",
    FEEDBACK_WRITE="Record what customers said.",
    INITIATIVES_WRITE="Write initiatives and post progress on any.",
    FEEDBACK_TELL="Tell the company something, by name or unnamed.",
    COMMUNITY_WRITE="Comment, react, suggest edits, follow and flag.",
    VISION_WRITE="Write and publish vision and principles.",
    PEOPLE_READ="List colleagues and groups.",
    PROFILE_WRITE="Change one's own profile, sign-ins and tokens.",
    ADMIN="Manage people.",
    FEEDS_READ="Read feeds by a key in their address, and nothing else.",
    SURVEYS_ANSWER="Answer a survey by the link that was sent.",
    SURVEYS_WRITE="Draw up surveys and have people asked.",
)
EntrySort = described(
    listing.Sort,
    "How entries are listed.",
    name="EntrySort",
    UPDATED_DESC="The latest changed first.",
    UPDATED_ASC="The longest unchanged first.",
    TITLE="By title.",
    CREATED_DESC="The newest first.",
    PUBLISHED_DESC="The latest published first.",
    HELPED_DESC="What helped most first, by the lower end of Wilson's interval of the share whom it helped, so that one of one never "
    "stands before six of seven; then the latest changed. For colleagues; others see the latest changed first.",
)
TagSort = described(
    tags.TagSort, "How tags are listed.", name="TagSort", NAME="By name.", MOST_USED="The most used first."
)
EntryAct = described(
    acts.EntryAct,
    "What the viewer may do to an entry now.",
    EDIT="Write a new revision.",
    SUBMIT="Ask for review of the latest revision.",
    APPROVE="Approve and publish what was submitted, or ask for changes.",
    PUBLISH="Publish the latest revision.",
    ARCHIVE="Take it out of every list.",
    VERIFY="Vouch that it still holds.",
    ATTACH_EVIDENCE="Attach what a customer said.",
    POST_PROGRESS="Say where the initiative stands.",
    SCHEDULE="Have the latest revision published at a set time.",
    UNSCHEDULE="Take it off the schedule.",
    OBSOLETE="Say which entry takes its place.",
    SET_VERIFIER="Say who verifies it, and how often.",
    RECORD_USE="Say what came of using it.",
    RECORD_OUTCOME="Write down what was measured of it.",
)
SearchSort = described(
    index.Sort,
    "In which order hits come.",
    name="SearchSort",
    RELEVANCE="The best first.",
    NEWEST="The latest changed first.",
    OLDEST="The longest unchanged first.",
)
SearchSignal = described(
    words.Signal,
    "What is known of an entry beside its text and moves it a little in the order of hits.",
    name="SearchSignal",
    VERIFIED="Somebody's word for it holds: a little up.",
    PROVEN="More than half of those who tried it say that it helped, beyond chance: a little up.",
    EXPIRED="Nobody has vouched for it lately: a little down.",
    CONTESTED="It is in doubt: a little down.",
    OBSOLETE="Something took its place: down.",
)
WordRarity = described(
    words.Rarity,
    "How many of the entries that the viewer may read have a word.",
    name="WordRarity",
    RARE="One in fifty at most.",
    USUAL="Some.",
    COMMON="One in five and more.",
)
SuggestionKind = described(
    index.SuggestionKind,
    "What a suggestion leads to.",
    name="SuggestionKind",
    ENTRY="An entry with this title.",
    TAG="The entries with this tag.",
    SEARCH="What others searched for and found, which finds something for the viewer as well.",
)
Basis = described(
    words.Basis,
    "How those who are counted were chosen.",
    RANDOM="At random.",
    CENSUS="All of them.",
    SELF_SELECTED="They chose themselves, as whoever writes to us does.",
)
ErrorCode = described(
    Code,
    "Why something was refused.",
    name="ErrorCode",
    INVALID="The input breaks a rule that its sender can mend.",
    NOT_FOUND="There is no such thing, or the viewer may not know of it.",
    NOT_ALLOWED="The viewer may not do this.",
    CONFLICT="Someone else was faster; the payload carries the newer version.",
    TOO_LARGE="The input is over a bound.",
    RATE_LIMITED="Too many tries; wait a little.",
)
SearchScope = described(
    strips.Scope,
    "Among what a search looks.",
    name="SearchScope",
    ENTRIES="What people wrote and published.",
    COMMENTS="What was said about entries; the newest 2,000.",
    FEEDBACK="What customers said, for colleagues; the newest 2,000.",
    CUSTOMERS="Customers by name, for colleagues; the newest 2,000.",
    DRAFTS="What the viewer has begun and not published.",
)
RelatedReason = described(
    related.Reason,
    "Why one entry is near another.",
    name="RelatedReason",
    LINKS="One links to the other, or both are linked with a third.",
    TAGS="They have tags in common.",
    WORDS="The most telling words of one are in the other.",
    STAGES="They serve the same customers.",
)
ReviewQueue = described(
    words.ReviewQueue,
    "What an entry waits for from those who review and verify.",
    APPROVAL="Submitted, and waiting for somebody other than its author.",
    DUE="Its verification ends within a week.",
    EXPIRED="Its verification has ended.",
    CONTESTED="Evidence or an outcome speaks against it.",
    UNVERIFIED="Nobody has vouched for it yet.",
    SCHEDULED="To be published at a set time.",
)
CommentAudience = described(
    words.CommentAudience,
    "Who reads a comment, of those who read the entry.",
    INSIDE="Colleagues alone.",
    READERS="Whoever reads the entry, customers too where it is for them.",
)
ReactionKind = described(
    words.ReactionKind,
    "What somebody says to an entry or a comment with one click.",
    LIKE="I like it.",
    DISLIKE="I do not.",
    THANKS="Thank you.",
    INSIGHTFUL="I learned something.",
    SAME_HERE="It is the same with me.",
)
SuggestionState = described(
    words.SuggestionState,
    "What became of a suggested edit.",
    OPEN="It waits for somebody who edits the entry.",
    TAKEN="It went into a new revision.",
    DECLINED="It was not taken, for a reason that is given.",
)
FlagReason = described(
    words.FlagReason,
    "What is wrong, in the eyes of a reader.",
    OUTDATED="It was true once.",
    WRONG="It is not true.",
    UNSAFE="Somebody could come to harm; an entry is contested at once.",
    INAPPROPRIATE="It does not belong here.",
    DUPLICATE="The same is said elsewhere.",
)
FlagState = described(
    words.FlagState,
    "What became of a flag.",
    OPEN="It waits to be looked at.",
    UPHELD="It was right.",
    DISMISSED="It was not.",
)
FlagOutcome = described(words.FlagOutcome, "How a flag is settled.", UPHELD="It is right.", DISMISSED="It is not.")
CommentAct = described(
    comments.CommentAct,
    "What the viewer may do to a comment now.",
    name="CommentAct",
    REPLY="Answer it.",
    EDIT="Mend its words.",
    REMOVE="Take it away.",
    RESOLVE="Call its conversation settled.",
    REOPEN="Call its conversation open again.",
    HIDE="Hide it, for a reason.",
    UNHIDE="Show it again.",
)
FollowTarget = described(
    words.FollowTarget,
    "What can be followed.",
    ENTRY="An entry: what happens to it.",
    TAG="A tag: what is published with it.",
    KIND="A kind of entry: what is published of it.",
    PERSON="A colleague: what they publish.",
    GROUP="A group: what its people publish.",
    SEARCH="A search: what is published that it finds.",
    RELAY="What a group hears: the customers' words that its people write down.",
)
Reason = described(
    words.Reason,
    "What somebody is told of.",
    MENTION="Somebody named them.",
    REPLY="Somebody answered what they said.",
    COMMENT="Somebody commented on what they wrote, keep or follow.",
    RESOLVED="What they had said was settled.",
    REACTION="Somebody reacted to what they wrote.",
    SUGGESTION="Somebody suggested a change to what they wrote or keep.",
    SUGGESTION_SETTLED="A change that they had suggested was taken, or declined.",
    FLAG="Somebody says that something is wrong with what they keep or curate.",
    FLAG_SETTLED="What they had said was wrong has been looked into.",
    REVIEW_WANTED="Something waits for their approval.",
    CHANGES_REQUESTED="Somebody asks for changes to what they submitted.",
    APPROVED="Somebody approved what they submitted; more have to.",
    SCHEDULED="What they wrote will be published at a set time.",
    PUBLISHED="A version of what they wrote, keep or follow was published.",
    NEW="Something new was published that they follow by kind, tag, person, group or search.",
    UPDATED="Somebody else saved a draft of what they wrote or keep.",
    OBSOLETED="Something else took the place of what they wrote, keep or follow.",
    ARCHIVED="What they wrote, keep or follow was taken out of all lists.",
    VERIFIED="Somebody vouched for what they wrote, keep or follow.",
    CONTESTED="What they wrote, keep or follow has come into doubt.",
    DUE="What they keep or vouched for is to be looked at again soon.",
    EXPIRED="What they keep or vouched for has not been looked at in time.",
    EVIDENCE="A customer's words were attached to what they wrote, keep or follow.",
    PROGRESS="Progress was posted on an initiative.",
    USE="Somebody used what they wrote or keep.",
    OUTCOME="Somebody told what came of what they wrote, keep or follow.",
    RECALLED="What they wrote is off the schedule and waits for approval again, because it needs more of that by now.",
    ANSWERED="What they looked for is answered.",
    ALARM="A customer speaks of danger.",
    ASSIGNED="They are asked, or their group is, to see to what a customer said.",
    RELAYED="A group that they listen to wrote down what a customer said.",
    REPLIED="A customer replied to an answer: it has come back.",
    LOOP_CLOSED="What they passed on was answered; for customers, what they said was.",
    THANKED="Somebody thanked them or their group.",
    MOVED="An initiative was planned, launched, put on hold, completed or cancelled.",
    HELP_WANTED="Something stands in the way of an initiative, and somebody asks for help.",
    HELP_GIVEN="Somebody took on what stood in an initiative's way, or settled it.",
    SILENT="Nothing has been heard of an initiative of theirs for longer than agreed.",
    ASKED="A question is put to them or to their group.",
    ACCEPTED="What they said was accepted as the answer.",
    HIDDEN="What they wrote was hidden by those who look after the community.",
    PROMOTED="What they wrote or said was taken up: as what a customer said, or as the beginning of a practice.",
)
Change = described(
    words.Change,
    "What became of a piece of text between two revisions.",
    SAME="It is in both.",
    REMOVED="It was taken away.",
    ADDED="It was added.",
)
FieldShape = described(
    words.FieldShape,
    "How a field of an entry is written.",
    TEXT="A text of any number of lines, in Markdown.",
    LINE="One line of text.",
    CHOICE="One value: a word, a date or a number.",
    LIST="Several values, each once.",
)
UseResult = described(
    words.UseResult,
    "What came of using a practice once.",
    WORKED="It worked.",
    PARTLY="It worked in part.",
    DID_NOT="It did not work.",
    HARMED="It did harm; the practice is contested at once.",
)
MetricKind = described(
    words.MetricKind,
    "What kind of figure was measured.",
    PROPORTION="A share of cases, from 0 to 1.",
    MEAN="A mean.",
    DURATION="A mean of how long something takes.",
)
Comparison = described(
    words.Comparison,
    "What the figure after a change is held against, and so how much may be claimed.",
    NONE="Nothing but what was before, if that.",
    OTHER_GROUP="A group that did without.",
    BEFORE_AFTER_SERIES="A series of figures before and after.",
)
Verdict = described(
    words.Verdict,
    "What whoever measured says came of it.",
    BETTER="It was better after.",
    NO_CHANGE="No change was seen.",
    WORSE="It was worse after.",
    HARMED="Somebody was harmed; the entry is contested at once.",
    TOO_EARLY="It is too early to say.",
)
EstimateMethod = described(
    estimates.Method,
    "How an interval was found.",
    name="EstimateMethod",
    WILSON="Wilson's interval of a share.",
    ADJUSTED_WALD="The adjusted Wald interval of a recommendation score, three answers added.",
    NEWCOMBE="Newcombe's interval of the difference of two shares.",
    WELCH="Welch's interval of the difference of two means.",
    STUDENT="Student's interval of a mean.",
    ORDER="The order statistics around a median.",
)
EstimateWarning = described(
    estimates.Caveat,
    "What whoever reads a figure should know.",
    name="EstimateWarning",
    NO_BASELINE="There is nothing before to hold it against.",
    NO_DEVIATION="Without a standard deviation on both sides there is no interval.",
    TOO_FEW="Too few were observed for a figure or an interval.",
    NO_COMPARISON="There is nothing to compare it to: it may be chance, or the time of year.",
    FEW_VOICES="Fewer than five distinct customers say so: not yet a pattern.",
    LOW_PREVALENCE="The share of customers who say so may be below 5 %: not yet a pattern.",
    CONCENTRATED="So few customers sent most of the messages that they count for fewer than three.",
    DOMINATED="One customer sent more than half of the messages.",
    ONE_CHANNEL="All of it was heard in one way: other customers may be reached by others only.",
    LOW_RESPONSE="So few of those who were asked answered that the others may think otherwise.",
)
NoteReason = described(
    words.NoteReason,
    "Why a part of a query was not read as it may have been meant.",
    NO_DATE="What stands after before: or after: is no date.",
    UNKNOWN_KIND="What stands after kind: is no kind.",
    UNKNOWN_FIELD="There is no such field, but one that looks much like it, or a filter of that name.",
    EMPTY_FIELD="Nothing stands right behind the colon of a field.",
    UNKNOWN_TAG="No entry that the viewer may see has such a tag.",
    BRACKETS="Brackets group nothing: AND, OR and NOT are about the words next to them.",
    OPEN_QUOTE="A quotation mark opens and none closes.",
    IMPOSSIBLE="Two conditions can never both be true.",
    ONLY_WITHOUT="The query says only what to leave out, so that everything else is found.",
    LITTLE_WORDS="The words are in nearly every text, so that only titles are looked through.",
    TOO_MANY_WORDS="There are more words than are looked for.",
    NO_WORDS="There are signs and no words.",
)
Phase = described(
    words.Phase,
    "Where in the life of a product or service a customer meets the company.",
    name="LifeCyclePhase",
    AWARENESS="They learn of it.",
    EVALUATION="They weigh whether it is for them.",
    PURCHASE="They decide and order.",
    DELIVERY="It reaches them.",
    ONBOARDING="They learn to use it.",
    USE="They use it, day by day.",
    SUPPORT="They need help, or complain.",
    MAINTENANCE="It is kept in order.",
    RENEWAL="They pay, and decide again.",
    EXIT="They leave.",
)
Direction = described(
    words.Direction,
    "Who began an interaction.",
    FROM_CUSTOMER="The customer came to us.",
    TO_CUSTOMER="We came to the customer.",
)
Medium = described(
    words.Medium,
    "What the customer met.",
    PERSON="One of us.",
    PRODUCT="The product itself.",
    SERVICE="A service, whoever gave it.",
    DIGITAL="A page, a message or an app.",
)
InteractionKind = described(
    words.InteractionKind,
    "What happened between a customer and the company.",
    CONVERSATION="They talked.",
    CALL="They telephoned.",
    MESSAGE="They wrote.",
    VISIT="One went to see the other.",
    DELIVERY="Something was brought.",
    REPAIR="Something was mended.",
    TRAINING="Somebody was taught.",
    EVENT="They met among others.",
    CUSTOMER_PRESENTATION="The customer presented their needs to us.",
    OTHER="Something else.",
)
NeedDecision = described(
    words.NeedDecision,
    "What the company has decided about a need.",
    MEET="It is met.",
    EXPLORE="It is looked into.",
    DECLINED="It is not met, and that is said.",
)
ValueKind = described(
    words.ValueKind,
    "What the values of a characteristic are.",
    TEXT="A short text.",
    NUMBER="A number.",
    DAY="A day.",
    FLAG="Yes or no.",
)
SegmentMethod = described(
    words.SegmentMethod,
    "How a segment gets its members.",
    MANUAL="They are named one by one.",
    RULE="A rule chooses them.",
)
Predicate = described(
    words.Predicate,
    "What one node of a segment's rule asks of a customer.",
    ALL="All of the nodes below it hold.",
    ANY="At least one of the nodes below it holds.",
    NONE="None of the nodes below it holds.",
    RELATION="They are outside the company, or inside.",
    KIND="They are a person, or an organisation.",
    STAGE="They stand on this rung of the ladder.",
    GROUP="They are this functional group.",
    PARENT="They belong to this organisation.",
    JOINED_FROM="They are a customer since this day or a later one.",
    JOINED_BEFORE="They were a customer before this day.",
    CHARACTERISTIC_KNOWN="Something is known of this characteristic.",
    CHARACTERISTIC_IS="The characteristic has this value.",
    CHARACTERISTIC_AT_LEAST="The characteristic has this value or a greater one.",
    CHARACTERISTIC_AT_MOST="The characteristic has this value or a smaller one.",
    SEGMENT="They are in this segment now, which has no rule of its own.",
)
PlanStatus = described(
    words.PlanStatus,
    "Where a partnership plan is.",
    DRAFT="It is being written.",
    AGREED="Both sides have agreed to it.",
    ENDED="It is over.",
)
StageSource = described(
    words.StageSource,
    "Whether a stage follows from facts or was set by a person.",
    DERIVED="It follows from what the customer bought and did.",
    MANUAL="A person set it, or an import brought it.",
)
TransitionCause = described(
    words.TransitionCause,
    "What moved a customer on the ladder.",
    RULE="What they did: their purchases, their advocacy, their silence.",
    MANUAL="Somebody, with a reason.",
    IMPORT="Another system.",
    MERGE="Two records of them became one.",
)
OfferingKind = described(
    words.OfferingKind,
    "Whether what is offered is a thing or something that is done.",
    PRODUCT="A thing.",
    SERVICE="Something that is done.",
)
OfferingScope = described(
    words.OfferingScope,
    "Whether what is offered is offered today.",
    CURRENT="It is.",
    MODIFIED="It is, and has changed.",
    NEW="It is, and has not been before.",
    RETIRED="It is no longer, and nobody needs it to be a client.",
)
TransactionKind = described(
    words.TransactionKind,
    "What took place between a customer and us.",
    PURCHASE="They bought something.",
    RENEWAL="They went on with it.",
    SERVICE_DELIVERY="They were served.",
)
AdvocacyKind = described(
    words.AdvocacyKind,
    "How a customer spoke for us.",
    REFERRAL="They sent somebody to us.",
    TESTIMONIAL="They let us quote them.",
    REVIEW="They wrote about us elsewhere.",
    STORY="They told their story here.",
    REFERENCE_CALL="They spoke to somebody who was thinking about it.",
)
Sentiment = described(
    words.Sentiment,
    "How a customer feels about what they speak of.",
    VERY_NEGATIVE="Very bad.",
    NEGATIVE="Bad.",
    NEUTRAL="Neither good nor bad.",
    POSITIVE="Good.",
    VERY_POSITIVE="Very good.",
    MIXED="Good about one thing and bad about another.",
    UNKNOWN="It cannot be told.",
)
SentimentSource = described(
    words.SentimentSource,
    "Who says how a customer feels.",
    CUSTOMER="The customer.",
    HUMAN="A colleague.",
    MODEL="A program; it counts only once a colleague has confirmed it.",
)
QualityAttribute = described(
    words.QualityAttribute,
    "Which quality of a product or a service a customer speaks of.",
    USABILITY="How easy it is to use.",
    SERVICEABILITY="How easy it is to service.",
    MAINTAINABILITY="How easy it is to keep in order.",
    RELIABILITY="Whether it works whenever it is needed.",
    PERFORMANCE="How well and how fast it works.",
    FUNCTIONALITY="What it can do.",
    COMPATIBILITY="Whether it fits the rest of what they have.",
    SECURITY="Whether what is theirs is kept from others.",
    SAFETY="Whether it can hurt somebody; a complaint of it alarms at once.",
    FLEXIBILITY="Whether it can change with what they need.",
    PRICE_VALUE="What it is worth for what it costs.",
    AFTER_SALES_CARE="How they are looked after once they have bought.",
    SERVICE_IMPRESSION="How they were met.",
)
Aspect = described(
    words.Aspect,
    "Which of the questions that one asks of customers their words answer.",
    WHY_BUY="Why they buy.",
    HOW_USED="How they use it.",
    OPINION="What they think of it.",
    WHY_US="Why they come to us.",
    PERFORMANCE="How it performed.",
    AFTER_SALES="How they were looked after once they had bought.",
)
InboxQueue = described(
    words.InboxQueue,
    "What waits in the inbox of feedback.",
    NEW="What nobody has sorted yet, and what has come back.",
    MINE="What the viewer or their group is asked to see to.",
    WAITING="What a reply is due to.",
    OVERDUE="What should have been seen to by now.",
)
CaseStage = described(
    words.CaseStage,
    "Where a complaint is on its way, after ISO 10002.",
    RECEIVED="It is here, with a reference.",
    ACKNOWLEDGED="The customer knows that it is.",
    ASSESSED="How grave and how urgent it is has been said.",
    INVESTIGATING="Somebody finds out what happened.",
    RESPONSE_PROPOSED="There is an answer, not yet told.",
    DECISION_COMMUNICATED="The customer was told what was decided.",
    CLOSED="It is settled.",
    REOPENED="It is not: it has come back.",
    ESCALATED_EXTERNAL="It lies with somebody outside, such as an ombudsman.",
)
Reach = described(
    words.Reach,
    "How many people something has reached, told so that it names none of them.",
    NOBODY="Nobody.",
    FEW="One or two.",
    SEVERAL="Three or more.",
)
LoopKind = described(
    words.LoopKind,
    "Whom an answer is for.",
    INNER="Those who said something.",
    OUTER="All whom it concerns: what was heard from many, and what came of it.",
)
Decision = described(
    words.Decision,
    "What was decided about what was heard.",
    WILL_DO="It will be done.",
    DONE="It is done.",
    WILL_NOT="It will not be done; why is said.",
    INVESTIGATING="Somebody is finding out; another word follows.",
    NO_CHANGE_NEEDED="It is as it should be.",
)
ResponseState = described(
    words.ResponseState,
    "Whether an answer has been told.",
    DRAFT="Not yet: colleagues alone read it.",
    PUBLISHED="Those behind it have been told.",
)
DeliveryChannel = described(
    words.DeliveryChannel,
    "How somebody is told of an answer.",
    PORTAL="They read it in the portal.",
    EMAIL="A letter says that it is there, and they read it in the portal.",
)
MailState = described(
    words.MailState,
    "What has become of the letter that tells of an answer.",
    QUEUED="It waits to be sent.",
    SENDING="It is being sent.",
    SENT="The mail server took it.",
    FAILED="The mail server would not take it.",
    DROPPED="It was not sent: the customer is not to be written to any more.",
)


# Privacy.
ConsentPurpose = described(
    words.ConsentPurpose,
    "What a customer may agree to, each by itself.",
    CONTACT="To be written to without having asked.",
    SURVEY="To be asked in surveys.",
    PUBLISH_STORY="That their story is told, with their name.",
    PROFILE="That what is known of them is brought together.",
    MARKETING="To be told of what is for sale.",
)
LookPurpose = described(
    words.LookPurpose,
    "Why somebody looks at what is personal.",
    COMPLAINT_HANDLING="To see to a complaint.",
    SERVICE_DELIVERY="To deliver what they were promised.",
    ANSWERING="To answer what they said.",
    CONTRACT="To make a contract or to bill it.",
    DATA_REQUEST="To see to what they asked of their data.",
    LEGAL_DUTY="Because the law wants it.",
)
DataRequestKind = described(
    words.DataRequestKind,
    "What somebody may ask of the data about them.",
    ACCESS="To see all of it.",
    RECTIFY="To have something put right.",
    ERASE="To have it erased.",
    RESTRICT="To have it kept and not used.",
    PORT="To take it elsewhere.",
    OBJECT="That it is not used for something.",
)
DataRequestState = described(
    words.DataRequestState,
    "Where a request about data is.",
    OPEN="It waits to be seen to.",
    DONE="It was done.",
    DECLINED="It was declined, and they were told why.",
    WITHDRAWN="They asked for it no more.",
)
RetentionOf = described(
    words.RetentionOf,
    "What is kept only for a time.",
    FEEDBACK_WORDS="What customers said and replied, word for word, once it is closed; that they said something stays.",
    INTERACTION_NOTES="The notes of meetings with customers; that they met stays.",
    REQUEST_NOTES="The words of requests about data that were seen to, and of the answers.",
    ACTIVITY_VALUES="What fields were before and after each act; the act itself stays.",
    SEARCHES="What was searched for.",
    LOOKS="Who looked at what is personal, and why.",
    SURVEY_WORDS="What was answered to surveys in words; numbers stay.",
)
Grade = described(
    estimates.Grade,
    "How much a figure can carry.",
    A="Precise: a score to within 10 points, a share to within 5 percentage points.",
    B="Fair: a score to within 20 points, a share to within 10.",
    C="Indicative: wider than that, or from whoever chose to speak.",
)
SurveyAudience = described(
    words.SurveyAudience,
    "Whom a survey asks.",
    EXTERNAL="Customers outside the company.",
    INTERNAL="Colleagues and internal customers.",
)
SurveyPurpose = described(
    words.SurveyPurpose,
    "What a survey is for.",
    RELATIONAL="How customers stand to the company, asked again and again.",
    TRANSACTIONAL="How one thing went, asked after it.",
    PULSE="A few questions on trust and appreciation.",
    VERIFICATION="Whether others feel the same as somebody who spoke.",
)
Anonymity = described(
    words.Anonymity,
    "What is known of whoever answered.",
    IDENTIFIED="Who answered is known to colleagues.",
    CONFIDENTIAL="Who answered is kept, so that nobody is asked twice, and shown to nobody.",
    ANONYMOUS="Who answered is not kept.",
)
SurveyState = described(
    words.SurveyState,
    "Where a survey is.",
    DRAFT="It is still written; nobody has been asked.",
    OPEN="It is asked; its questions stay as they are.",
    CLOSED="It is over.",
)
SurveyMetric = described(
    words.SurveyMetric,
    "What a question measures, and on which scale.",
    RECOMMENDATION_0_10="How likely one would recommend us, 0 to 10.",
    CSAT_1_5="How satisfied one is, 1 to 5.",
    CES_1_7="How easy it was made, 1 to 7.",
    DEGREE_1_7="To what degree something holds, 1 to 7.",
    IMPORTANCE_1_5="How important something is, 1 to 5.",
    SINGLE="One of several choices.",
    MULTI="As many of several choices as hold.",
    TEXT="In one's own words.",
    BOOL="Yes or no.",
)
InvitationKind = described(
    words.InvitationKind,
    "How somebody came to be asked.",
    RANDOM="Drawn by lot.",
    CENSUS="Everybody is asked.",
    EVENT="After something happened between us.",
    SELF="They came by themselves.",
)
ScoreUnit = described(
    words.ScoreUnit,
    "In what a score is told.",
    POINTS="Points from -100 to 100: those who would recommend us less those who would not.",
    SHARE="A share from 0 to 1.",
    MEAN="A mean on the scale of the question.",
)
ScoreCut = described(
    words.ScoreCut,
    "By what the answers to a survey are told apart, each as it was on the day of answering.",
    STAGE="The rung on the loyalty ladder.",
    GROUP="The functional group.",
    SEGMENT="The segment; a customer may be in several.",
)
Satisfaction = described(
    words.Satisfaction,
    "How content a customer said they are.",
    SATISFIED="4 or 5 of five, 9 or 10 of ten, 5 to 7 of seven.",
    BETWEEN="Neither.",
    DISSATISFIED="1 or 2 of five, 0 to 6 of ten, 1 to 3 of seven.",
)


# Evidence and insights.
InsightKind = described(
    words.InsightKind,
    "What an insight claims to be.",
    OBSERVATION="Something was seen.",
    PATTERN="Many customers say so: at least 5, and more than could be 5 in 100 of those heard.",
    HYPOTHESIS="A guess that is to be tested.",
    RECOMMENDATION="What should be done, because of an insight that is supported.",
)
EvidenceTarget = described(
    words.EvidenceTarget,
    "What a piece of evidence is taken from.",
    FEEDBACK="Words of a customer.",
    INTERACTION="The note of a meeting with a customer.",
    SURVEY_RESULT="The result of a survey, as it stood when it was attached.",
    ENTRY="Another entry.",
    DOCUMENT="A document elsewhere.",
)
PatternVerdict = described(
    words.PatternVerdict,
    "Whether what some customers say may be said of customers. It stops generalising, never the answer to whoever spoke.",
    NOTHING_HEARD="No customer has been heard on it.",
    NOT_YET_A_PATTERN="Too few customers, or perhaps too rare among those heard.",
    PATTERN="At least five customers, and most probably more than 5 in 100 of those heard: it may be said of customers in general.",
    SAFETY="It speaks of danger, and waits for no numbers.",
)
Loudness = described(
    words.Loudness,
    "By what themes are ranked.",
    CUSTOMERS="By how many customers speak of them, each of whom counts once.",
    MESSAGES="By how many messages there are, whoever sent them.",
)


# Vision.
AssumptionDomain = described(
    words.AssumptionDomain,
    "What an assumption about the world outside is about.",
    CUSTOMERS="What customers will need, do and expect.",
    COMPETITION="What others will offer them.",
    TECHNOLOGY="What will be possible.",
    ECONOMY="What things will cost, and who will have money for them.",
    LAW="What will be asked or forbidden.",
    PEOPLE="Who will work here, and what they will expect.",
    SUPPLY="What will be delivered, and by whom.",
    OTHER="Something else.",
)
AssumptionState = described(
    words.AssumptionState,
    "How far an assumption has been tested.",
    UNTESTED="Nobody has looked yet.",
    TESTING="Somebody is finding out.",
    SUPPORTED="What was found speaks for it.",
    REFUTED="It does not hold: what stands on it is looked at again.",
)
CommitmentState = described(
    words.CommitmentState,
    "Where a stakeholder stands towards a version of the vision.",
    UNAWARE="Has not heard of it.",
    AWARE="Has heard of it.",
    UNDERSTANDS="Can say what it means.",
    SUPPORTS="Is in favour of it.",
    COMMITTED="Has promised something for it.",
    OPPOSED="Is against it.",
)


# Initiatives.
Horizon = described(
    words.Horizon,
    "How far ahead an initiative pays.",
    SHORT="Within a quarter.",
    MEDIUM="Within a year.",
    LONG="Beyond a year.",
)
Contribution = described(
    words.Contribution,
    "Whether an initiative creates value for customers.",
    ADDS_VALUE="Customers have something of it.",
    SUPPORTS_VALUE="It supports what customers have something of.",
    NEITHER="Neither: ask what it is for.",
)
InitiativeSort = described(
    priority.InitiativeSort,
    "How initiatives are listed.",
    UPDATED_DESC="The latest changed first.",
    PRIORITY_DESC="The highest priority first; those whose reach, impact or effort nobody has said yet last. For colleagues alone.",
)
IssueState = described(
    words.IssueState,
    "Where a critical issue of an initiative is.",
    OPEN="Nobody has taken it on yet, or it is not known what to do.",
    MITIGATING="Somebody is at it.",
    RESOLVED="It is out of the way.",
    ACCEPTED="It stays, and one lives with it.",
)


# The community and its culture.
CultureValue = described(
    words.CultureValue,
    "The three values for which somebody is thanked.",
    EMOTIONAL_CONNECTIVITY="They made a connection that somebody will remember.",
    UNCOMPROMISING_INTEGRITY="They said or did what was right, though it cost something.",
    UNLEASHED_CREATIVITY="They dared to find another way.",
)
DigestPace = described(
    words.DigestPace,
    "How often somebody wants to be written to about what they follow.",
    NEVER="Not at all.",
    DAILY="Each morning, if something happened.",
    WEEKLY="Each Monday, if something happened.",
)


# Posts.
Teller = described(
    words.Teller,
    "Whose posts are wanted.",
    COLLEAGUES="Those of people who work here.",
    CUSTOMERS="Those of customers.",
)
AnswerState = described(
    words.AnswerState,
    "How far a question has come.",
    WAITING="Nobody has answered it; where it asks somebody in particular, none of those has.",
    ANSWERED="Somebody has answered, and no answer has been accepted.",
    ACCEPTED="An answer has been accepted.",
)
# What is missing, and what waits.
MissingLink = described(
    words.MissingLink,
    "What is missing at a link of the chain from the vision to its evidence.",
    VISION="A vision that it carries out.",
    ANSWER="An answer to the question.",
    INITIATIVE="An initiative that carries it out.",
    PRACTICE="A practice that it rests on or brings about.",
    INSIGHT="An insight that says why.",
    EVIDENCE="Evidence for it or against it.",
)
WaitingKind = described(
    words.WaitingKind,
    "What waits for somebody who comes in.",
    APPROVALS="Entries that they may approve.",
    DUE="Entries that they keep and that are to be looked at within days.",
    EXPIRED="Entries that they keep and whose verification has lapsed.",
    CONTESTED="Entries that they keep and that somebody has doubts about.",
    FEEDBACK="What customers said and they, or their group, see to.",
    OVERDUE="What customers said and should have been seen to by now, whoever sees to it.",
    QUESTIONS="Questions to them or to their group that have no answer yet.",
    ISSUES="Critical issues of initiatives that they see to, or of initiatives that they own and nobody sees to.",
    STALE_INITIATIVES="Initiatives that they own and have not reported on for too long.",
    ASSUMPTIONS="Assumptions of the vision that they are to look at again by now.",
    MEANING="The vision, in a version to which they have not said what it means to them.",
    SUGGESTIONS="Changes that readers suggest to what they wrote or answer for.",
    FLAGS="What readers find wrong with what they answer for, or with anything for those who curate.",
    DATA_REQUESTS="What customers ask of the data about them.",
    DRAFTS="What they began and have not published.",
    ANSWERS="Answers to what they said, which they have not opened.",
    SURVEYS="Surveys that they have been asked to answer.",
)
