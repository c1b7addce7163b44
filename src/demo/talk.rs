//! What the six say to each other.

use crate::db::Id;
use crate::seed::Line;

/// Who speaks, as a place among the members; what they say; and the line that it answers.
type Said = (usize, &'static str, Option<usize>);

/// The lines of a chat of these members.
pub(super) fn lines(members: &[Id], said: &[Said]) -> Vec<Line<'static>> {
    said.iter().map(|&(speaker, text, answers)| Line { by: members[speaker], text, answers }).collect()
}

/// Is deleted at once.
pub(super) const TAKEN_BACK: &str = "Clara, are you coming?";

pub(super) const ANA_BRUNO: &[Said] = &[
    (0, "Did the box from the printer arrive?", None),
    (1, "This morning. Forty copies, and only one of them upside down.", None),
    (0, "Keep that one for me!", Some(1)),
    (1, "It has your name on it already.", None),
    (0, "I'll come by at six. Do you have wine, or shall I bring some?", None),
    (1, "Bring some. And Clara, if she is free.", None),
];

pub(super) const CLARA_ANA: &[Said] = &[
    (0, "How would you say »saudade« in three syllables?", None),
    (1, "I wouldn't. That is what the poem is for.", None),
    (0, "My editor wants a footnote.", None),
    (1, "Then write: untranslated on purpose. — A. L.", None),
    (0, "😄 I'll quote you.", None),
];

pub(super) const ANA_DANIEL: &[Said] = &[
    (1, "The guitar is ready. I replaced the two tuning pegs, the rest was dust.", None),
    (0, "You are a wizard. What do I owe you?", None),
    (1, "One song on Thursday.", None),
];

pub(super) const ELIF_ANA: &[Said] =
    &[(0, "The photos of the last reading are up.", None), (1, "I look as if I had swallowed a comma.", None)];

pub(super) const BRUNO_CLARA: &[Said] = &[
    (0, "A customer asks for your Rilke, the 2019 edition.", None),
    (1, "Out of print, I'm afraid. I have three at home.", None),
    (0, "He takes two.", None),
];

pub(super) const DANIEL_FARID: &[Said] = &[
    (1, "Can I borrow the big table for Saturday?", None),
    (0, "If somebody helps me to get it down the stairs.", None),
    (1, "I'll bring my brothers.", None),
];

pub(super) const FARID_BRUNO: &[Said] = &[
    (1, "You left a cookbook here. The one with the burnt cover.", None),
    (0, "That is not damage, that is provenance.", Some(0)),
    (1, TAKEN_BACK, None),
    (1, "Shall I keep it until Thursday?", None),
    (0, "Please. And there will be lentil soup.", None),
];

pub(super) const GIL_ANA: &[Said] = &[
    (0, "They want me in Coimbra, for the whole season.", None),
    (1, "Then you have to go. Who reads Hamlet to us now?", None),
    (0, "Daniel knows it by heart, he only pretends not to.", Some(1)),
];

pub(super) const STAGE: &[Said] = &[
    (0, "The theatre lends us the small stage, one night in June.", None),
    (1, "I'd play the prompter.", Some(0)),
    (2, "And I'd tune whatever is there.", None),
];

pub(super) const THURSDAY: &[Said] = &[
    (0, "Thursday at eight, at Bruno's. The word is »window«: two minutes each, any form.", None),
    (2, "May I read somebody else's, in my translation?", Some(0)),
    (0, "Of course.", Some(0)),
    (3, "I'll be late, a cello is coming in from Porto.", None),
    (4, "Is anybody against photographs this time?", None),
    (1, "Only against flash.", Some(4)),
    (4, "No flash, promised.", Some(4)),
    (2, "I am bringing a friend who plays the accordion. Quietly.", None),
    (3, "There is no such thing 🪗", Some(7)),
];

pub(super) const BOOK_SWAP: &[Said] = &[
    (0, "To give away: all of Simenon, some of it twice.", None),
    (2, "I take the doubles!", Some(0)),
    (1, "Looking for: Pessoa's letters, any edition.", None),
];

pub(super) const PICNIC: &[Said] = &[
    (0, "By the river on the 17th, from noon on. Bring what you like to eat.", None),
    (3, "I like to eat what Elif brings.", None),
    (1, "Blankets: I have four.", None),
    (0, "It was a wonderful day. I'm closing this group; the photos are on their way.", None),
];
