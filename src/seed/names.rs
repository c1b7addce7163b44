//! Lists that made-up people and groups are named from.

use rand::Rng;
use rand::seq::IndexedRandom;

#[rustfmt::skip]
pub(super) const FIRST: &[&str] = &[
    "Abril", "Adaeze", "Aiko", "Alba", "Alejandro", "Amina", "Ana", "Anders", "Anjali", "Antonia",
    "Arjun", "Astrid", "Aylin", "Beatriz", "Bogdan", "Bruno", "Camila", "Carlos", "Chiara", "Chloé",
    "Clara", "Daniel", "Diego", "Dmitri", "Elena", "Elif", "Emeka", "Emma", "Esteban", "Fatima",
    "Felix", "Freya", "Gabriela", "Giulia", "Hana", "Hassan", "Henrik", "Hugo", "Ines", "Ingrid",
    "Isabel", "Ivan", "Jana", "Javier", "João", "Jorge", "Julia", "Kaito", "Karim", "Katarzyna",
    "Kofi", "Laila", "Lars", "Lea", "Leandro", "Liam", "Linh", "Lucía", "Luka", "Maja", "Malik",
    "Marco", "María", "Mateo", "Mei", "Mila", "Minh", "Miguel", "Nadia", "Nikolai", "Noor", "Nora",
    "Olga", "Oliver", "Omar", "Óscar", "Paloma", "Pedro", "Petra", "Priya", "Rafael", "Rania",
    "Renata", "Rosa", "Samir", "Sara", "Sofía", "Soo-jin", "Stefan", "Tadeo", "Teresa", "Thandi",
    "Theo", "Tomás", "Valeria", "Vera", "Wanjiru", "Yara", "Yusuf", "Zoë",
];

#[rustfmt::skip]
pub(super) const LAST: &[&str] = &[
    "Acosta", "Adeyemi", "Almeida", "Andersson", "Arslan", "Bauer", "Becker", "Benítez", "Berg",
    "Bianchi", "Bondarenko", "Cabrera", "Campos", "Castro", "Chen", "Cohen", "Conti", "Costa",
    "Cruz", "Dahl", "Demir", "Díaz", "Dubois", "Eriksen", "Esposito", "Ferrari", "Fischer",
    "Flores", "Fontaine", "García", "Gómez", "González", "Haddad", "Hansen", "Hernández", "Herrera",
    "Hoffmann", "Horvat", "Ibrahim", "Iglesias", "Ito", "Ivanova", "Jansen", "Jensen", "Kamau",
    "Kaya", "Keller", "Kim", "Kovács", "Kowalska", "Larsen", "Laurent", "Leroy", "Lindqvist",
    "López", "Luna", "Mancini", "Martín", "Medina", "Mendoza", "Mensah", "Moreau", "Moreno",
    "Müller", "Navarro", "Nguyen", "Novak", "Nowak", "Núñez", "Okafor", "Okonkwo", "Ortega",
    "Patel", "Paz", "Petrov", "Popescu", "Quiroga", "Ramos", "Reyes", "Ricci", "Rojas", "Romero",
    "Rossi", "Rubio", "Salazar", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Soto", "Suárez",
    "Tanaka", "Torres", "Tran", "Vargas", "Vega", "Vidal", "Weber", "Yamada", "Yılmaz", "Zapata",
];

#[rustfmt::skip]
pub(super) const TITLES: &[&str] = &[
    "Accountant", "Architect", "Baker", "Bookseller", "Carpenter", "Chemist", "Cook",
    "Data analyst", "Dentist", "Designer", "Editor", "Electrician", "Engineer", "Gardener",
    "Geologist", "Journalist", "Lawyer", "Librarian", "Luthier", "Midwife", "Musician", "Nurse",
    "Painter", "Pharmacist", "Photographer", "Pilot", "Poet", "Product manager",
    "Software developer", "Surveyor", "Teacher", "Translator", "Vet",
];

/// What people say in chats.
#[rustfmt::skip]
pub(super) const SAYINGS: &[&str] = &[
    "Good morning!", "Who is coming tonight?", "I'm in.", "Me too", "Sorry, I can't make it.",
    "What time was it again?", "Half past seven.", "See you there", "Has anybody seen my umbrella?",
    "I'll bring something to drink.", "Thanks, that was lovely.", "👍", "😂", "Let me check and get back to you.",
    "The link: https://example.com/plan", "That works for me.", "Could we move it to Friday?", "Fine with me.",
    "Does somebody have a drill I could borrow?", "Running ten minutes late, sorry", "No problem.",
    "I've changed the document, please have a look when you find the time. Nothing urgent.",
    "¿Quién trae el postre?", "Wer hat den Schlüssel?", "Bis später!", "Hasta luego", "¡Claro que sí!",
    "Happy birthday! 🎂", "How did it go?", "Better than I thought.", "We should do this more often.",
    "Any news?", "Not yet.", "I'll call you.", "On my way", "Wonderful.", "Next week then",
];

#[rustfmt::skip]
const SUBJECTS: &[&str] = &[
    "Allotment", "Apartment", "Astronomy", "Birthday", "Board games", "Book club", "Camping",
    "Chess", "Choir", "Climbing", "Cinema", "Cycling", "Dinner", "Film photography", "Five-a-side",
    "Football", "Garden", "Hiking", "Jazz", "Knitting", "Lake house", "Language exchange", "Lunch",
    "Museum", "Neighbours", "Office move", "Parents", "Poetry", "Release", "Reunion", "Road trip",
    "Sailing", "School run", "Street party", "Support rota", "Theatre", "Translation", "Vinyl",
    "Wedding",
];

#[rustfmt::skip]
const FORMS: &[&str] = &[
    "", " group", " plans", " on Sunday", " 2025", " crew", " committee", " (quiet)", " next week",
    " friends",
];

/// What a group might be called: `Cycling next week`.
pub(super) fn group_title(random: &mut impl Rng) -> String {
    let subject = SUBJECTS.choose(random).copied().unwrap_or("Chat");
    let form = FORMS.choose(random).copied().unwrap_or_default();
    format!("{subject}{form}")
}
