"""English."""

from ringback.callback_application_server.rules.when.lexicon import Lexicon, Sort

ENGLISH = Lexicon(
    language="en",
    numbers={
        "a|an|one": 1,
        "two|couple|couple of|a couple|a couple of": 2,
        "three": 3,
        "four": 4,
        "five": 5,
        "six": 6,
        "seven": 7,
        "eight": 8,
        "nine": 9,
        "ten": 10,
        "eleven": 11,
        "twelve": 12,
        "fifteen": 15,
        "twenty": 20,
        "thirty": 30,
        "forty": 40,
        "fourty": 40,
        "forty five": 45,
        "fifty": 50,
        "sixty": 60,
        "ninety": 90,
    },
    units={
        "minute|minutes|min|mins|mn|mns|minuts": 1,
        "hour|hours|hr|hrs": 60,
        "day|days": 1440,
        "week|weeks|wk|wks": 10080,
        "fortnight": 20160,
        "month|months": 43200,
        "year|years": 525600,
    },
    weekdays=(
        "monday|mon|mondays",
        "tuesday|tue|tues|tuesdays",
        "wednesday|wed|weds|wednesdays|wensday|wednsday",
        "thursday|thu|thur|thurs|thursdays",
        "friday|fri|fridays",
        "saturday|sat|saturdays",
        "sunday|sun|sundays",
    ),
    months=(
        "january|jan",
        "february|feb",
        "march|mar",
        "april|apr",
        "may",
        "june|jun",
        "july|jul",
        "august|aug",
        "september|sept|sep",
        "october|oct",
        "november|nov",
        "december|dec",
    ),
    days={
        "today|2day|later today|rest of today": 0,
        "tomorrow|tmrw|tmw|tmr|tomorow|tommorow|tommorrow|tomorrrow|2moro|2morrow|tomoz|the morrow": 1,
        "day after tomorrow|the day after tomorrow|overmorrow": 2,
    },
    clocks={"noon|midday|noontime|12 noon|noonish": 12, "midnight|12 midnight": 24},
    parts={
        "early morning|early in the morning": (6, 9),
        "first thing|first thing in the morning|start of business|start of day": (8, 10),
        "mid morning|midmorning": (9, 11),
        "late morning": (10, 12),
        "morning|mornings|in the morning|morn": (6, 12),
        "lunch|lunchtime|lunch time|over lunch|lunch hour|lunch break|midday hours": (11.5, 14),
        "early afternoon": (12, 15),
        "mid afternoon|midafternoon": (14, 16),
        "late afternoon|later in the afternoon": (15, 18),
        "afternoon|afternoons|in the afternoon|arvo": (12, 18),
        "end of day|end of the day|end of business|close of business|end of today|cob|eod|close of play": (16, 18),
        "early evening": (17, 20),
        "evening|evenings|in the evening|eve": (18, 22),
        "work|working hours|office hours|business hours": (9, 17),
        "tonight|tonite|2nite|this night|at night|night": (18, 24),
    },
    words={
        Sort.AT: "at|@|around|about|roughly|approximately|approx|circa|at about|at around|round about",
        Sort.ON: "on|for",
        Sort.IN: "in|in about|in around|in roughly|in like|in another",
        Sort.GIVE: "give me|gimme|wait|allow me|need|i need",
        Sort.WITHIN: (
            "within|within the|within the next|in the next|in the coming|over the next|in under|in less than"
            "|during the next"
        ),
        Sort.FROM_NOW: "from now|later|hence|from this moment|time",
        Sort.AGO: "ago|earlier",
        Sort.AFTER: (
            "after|later than|past the|from|starting|starting at|starting from|beginning at|earliest"
            "|at the earliest|as of|not before|no earlier than|not earlier than|any time after|anytime after"
            "|some time after|sometime after|anytime from|any time from"
        ),
        Sort.BEFORE: (
            "before|by|until|till|til|up to|not after|no later than|not later than|at the latest|latest"
            "|earlier than|ahead of|prior to|any time before|anytime before|some time before|sometime before"
            "|any time until|anytime until|not past"
        ),
        Sort.BETWEEN: (
            "between|btw|btwn|in between|sometime between|some time between|anytime between|any time between"
        ),
        Sort.UP_TO: "to|thru|through|and ending at",
        Sort.ONWARDS: (
            "onwards|onward|or later|or after|and later|and after|on wards|at the earliest|or anytime after"
            "|or any time after"
        ),
        Sort.AND: "and|n|&|plus",
        Sort.OR: "or|alternatively|and/or",
        Sort.NEXT: "next|following|coming week",
        Sort.THIS: "this|this coming|coming|upcoming|the coming|this very",
        Sort.LAST: "last|previous",
        Sort.HALF: "half|half an|half a|a half|half of an",
        Sort.QUARTER: "quarter|a quarter|quarter of an|a quarter of an",
        Sort.THREE_QUARTERS: "three quarters|three quarters of an",
        Sort.PAST: "past",
        Sort.NOW: (
            "now|asap|a s a p|as soon as possible|as soon as you can|as soon as u can|as soon as someone is free"
            "|as soon as an agent is free|right now|right away|rightaway|straight away|straightaway|immediately"
            "|at once|this minute|this instant|this second|soonest|the sooner the better|earliest possible"
            "|at your earliest convenience|as quickly as possible|as fast as possible|quickly as you can"
            "|first available|next available|earliest available|without delay|pronto|this very moment"
            "|as early as possible|when you can|instantly|urgently|as quick as possible|soon as possible"
            "|soon as you can|now please|the soonest|earliest slot"
        ),
        Sort.ANY: (
            "whenever|any time|anytime|any day|no preference|don't mind when|doesn't matter when"
            "|does not matter when|you choose|when ever|whenever you like|whenever suits|i'm flexible|im flexible"
            "|flexible|when convenient|at your convenience"
        ),
        Sort.VAGUE: (
            "later|soon|some time|sometime|another time|another day|some other time|a bit|a while|weekend"
            "|weekends|the weekend|weekdays|weekday|every day|daily|every|each|end of the week|end of week"
            "|end of the month|in a bit|in a while|in a moment|in a sec|shortly|a few days|one of these days"
            "|couple of days|few weeks|eventually|at some point|other day"
        ),
        Sort.NOT: (
            "not|no|never|don't|dont|do not|can't|cant|cannot|can not|won't|wont|except|isn't|isnt|doesn't|doesnt"
            "|unavailable|not available|other than|anything but|any day but|apart from|but not|busy|nope"
            "|rather not|not free|no good"
        ),
        Sort.INSTEAD: (
            "no wait|wait no|i mean|i meant|actually|make it|make that|rather|instead|sorry|change it to"
            "|move it to|correction|better|scratch that|let's say|lets say|move to|change to|reschedule to"
            "|hang on|oops"
        ),
        Sort.CALL: (
            "call|call me|ring|ring me|phone|phone me|callback|call back|call me back|give me a call"
            "|give me a ring|give me a buzz|contact|contact me|reach|reach me|free|i'm free|im free|available"
            "|i'm available|im available|works|work for me|works for me|suits|suits me|prefer|ideal|ideally|best"
            "|good|fine|great|perfect|ok|okay|please|pls|plz|could we|can we|can you|could you|let's|lets"
            "|how about|what about|maybe|perhaps|speak|talk|book|schedule|reschedule|hit me up|try me|try|get me"
            "|i can do|can do|i could do|would be|would like|i'd like|i can|i will be|i'll be|do it|buzz me"
            "|catch me|home|back|does|thanks|thank you|cheers|thx|ta"
        ),
        Sort.SAME: "same time|the same time|at the same time|at this time|this time",
        Sort.OCLOCK: "o'clock|oclock|o clock",
        Sort.FEW: "a few|few|several|some",
        Sort.OVER: (
            "yesterday|last night|since|was|were|had|did|came|called|paid|received|said|told|been|have been"
            "|has been|happened|arrived|went|got|ordered|bought|sent|tried|missed|waiting for|for the last"
            "|for the past|the past|used to|promised|every month|per|ago"
        ),
        Sort.COMMA: "so|but|because|then|and then|therefore|if",
        Sort.FILLER: (
            "the|of|um|uh|er|hmm|well|like|just|please only|only|sharp|exactly|precisely|ish|time wise|local time"
            "|my time|your time|hi|hello|hey|also"
        ),
    },
    zones={
        "est|edt|eastern|eastern time|eastern standard time|et|new york time": "America/New_York",
        "cst|cdt|central|central time|ct|chicago time": "America/Chicago",
        "mst|mdt|mountain|mountain time": "America/Denver",
        "pst|pdt|pacific|pacific time|pt|pacific standard time|california time": "America/Los_Angeles",
        "gmt|utc": "UTC",
        "bst|uk time|london time|british time": "Europe/London",
        "cet|cest|berlin time|paris time|central european time": "Europe/Berlin",
        "jst|tokyo time": "Asia/Tokyo",
        "aest|aedt|sydney time": "Australia/Sydney",
    },
    articles=frozenset({"a", "an"}),
)
