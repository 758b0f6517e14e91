//! Legal forms of companies, as names carry them at their edges.

use std::sync::OnceLock;

/// Legal forms as plain words (lower case, punctuation made spaces). Only whole words count, and only at the
/// beginning or the end: `Incognito` is no company `ognito`, and *The Limited Collection* keeps its word.
///
/// From the registers' own words of the countries that code-signing certificates are issued to; ISO 20275
/// (Entity Legal Forms) lists some three thousand, most of which no certificate has.
const FORMS: &[&str] = &[
    // English-speaking countries, and what Asian companies use in English.
    "ltd",
    "limited",
    "pvt ltd",
    "private limited",
    "pte ltd",
    "pte",
    "pty ltd",
    "pty",
    "pvt",
    "sdn bhd",
    "bhd",
    "co ltd",
    "co limited",
    "company limited",
    "company ltd",
    "co",
    "company",
    "corp",
    "corporation",
    "inc",
    "incorporated",
    "llc",
    "l l c",
    "llp",
    "l l p",
    "lp",
    "l p",
    "plc",
    "pllc",
    "pc",
    "public limited company",
    "limited liability company",
    "limited company",
    "fzco",
    "fze",
    "fz llc",
    "dmcc",
    "cic",
    "proprietary limited",
    // German, Dutch, Nordic.
    "gmbh",
    "g m b h",
    "mbh",
    "ug",
    "ug haftungsbeschrankt",
    "ag",
    "kg",
    "ohg",
    "gbr",
    "e k",
    "ek",
    "e v",
    "ev",
    "gmbh co kg",
    "se",
    "kgaa",
    "bv",
    "b v",
    "nv",
    "n v",
    "vof",
    "ab",
    "aktiebolag",
    "oy",
    "oyj",
    "as",
    "a s",
    "asa",
    "aps",
    "i s",
    "ivs",
    "ehf",
    "hf",
    // Romance languages.
    "srl",
    "s r l",
    "srls",
    "s r l s",
    "spa",
    "s p a",
    "sas",
    "s a s",
    "sarl",
    "s a r l",
    "sa",
    "s a",
    "sl",
    "s l",
    "slu",
    "s l u",
    "sa de cv",
    "s a de c v",
    "sapi de cv",
    "ltda",
    "limitada",
    "lda",
    "eireli",
    "me",
    "epp",
    "eurl",
    "e u r l",
    "snc",
    "s n c",
    "sasu",
    "scop",
    "sociedad limitada",
    "sociedad anonima",
    "unipessoal lda",
    // Central and Eastern Europe.
    "sp z o o",
    "sp zoo",
    "spzoo",
    "sp z oo",
    "sp j",
    "spolka z ograniczona odpowiedzialnoscia",
    "spółka z ograniczoną odpowiedzialnością",
    "spolka z oo",
    "s r o",
    "sro",
    "spol s r o",
    "spol sro",
    "a d",
    "ad",
    "doo",
    "d o o",
    "d d",
    "dd",
    "kft",
    "zrt",
    "nyrt",
    "bt",
    "uab",
    "sia",
    "ou",
    "oü",
    "eood",
    "ood",
    "еоод",
    "оод",
    "jsc",
    "ojsc",
    "cjsc",
    "pjsc",
    "pp",
    "tov",
    "тов",
    "фоп",
    "прат",
    // Russian, in both alphabets.
    "ooo",
    "ооо",
    "zao",
    "зао",
    "oao",
    "оао",
    "pao",
    "пао",
    "ao",
    "ао",
    "ip",
    "ип",
    "too",
    "тоо",
    "limited liability company ooo",
    "общество с ограниченной ответственностью",
    // Turkey and others.
    "as ticaret",
    "ltd sti",
    "limited sirketi",
    "limited şirketi",
    "a ş",
    "aş",
    "ltd şti",
    "tic ltd sti",
    // Vietnam, Indonesia, Thailand, Philippines.
    "joint stock company",
    "one member limited liability company",
    "company cp",
    "pt",
    "tbk",
    "cv",
    "opc",
    // East Asia.
    "kk",
    "k k",
    "kabushiki kaisha",
    "godo kaisha",
    "株式会社",
    "有限会社",
    "合同会社",
    "주식회사",
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "股份公司",
    "有限責任公司",
];

/// Legal forms written onto the name without a space, at its end.
const SUFFIXES: &[&str] =
    &["有限责任公司", "股份有限公司", "有限責任公司", "有限公司", "股份公司", "株式会社", "有限会社", "주식회사"];

/// Forms taken off one name at most: *Foo Co., Ltd. (Pvt)* has three.
const MAX_FORMS: usize = 4;

/// A plain name without the legal forms at its edges. A name that is a legal form and nothing else stays as it
/// is.
pub(super) fn without(plain: &str) -> String {
    strip(plain, is_form)
}

/// The same of words as the eye sees them ([`super::seen`]): *LLС* with a Cyrillic letter is no form, and looks like
/// one.
pub(super) fn without_to_the_eye(seen: &str) -> String {
    strip(seen, looks_like_form)
}

fn strip(words: &str, is_form: fn(&str) -> bool) -> String {
    let mut text = words.trim();
    for _ in 0..MAX_FORMS {
        let Some(rest) = strip_one(text, is_form) else { break };
        text = rest;
    }
    let longest = SUFFIXES.iter().filter_map(|form| text.strip_suffix(form)).min_by_key(|rest| rest.len());
    longest.map(str::trim).filter(|rest| !rest.is_empty()).unwrap_or(text).to_owned()
}

/// Words of the longest form.
const LONGEST: usize = 5;

/// The text without the longest form that is at an edge as whole words, if something else is left.
fn strip_one(text: &str, is_form: fn(&str) -> bool) -> Option<&str> {
    let from_end = text.rmatch_indices(' ').take(LONGEST);
    let at_end = from_end.filter(|(space, _)| text.get(space.saturating_add(1)..).is_some_and(is_form));
    let from_start = text.match_indices(' ').take(LONGEST);
    let at_start = from_start.filter(|(space, _)| text.get(..*space).is_some_and(is_form));
    let before = at_end.last().and_then(|(space, _)| text.get(..space));
    let after = at_start.last().and_then(|(space, _)| text.get(space.saturating_add(1)..));
    let rests = [before, after].into_iter().flatten().filter(|rest| !rest.is_empty());
    rests.min_by_key(|rest| rest.len())
}

fn is_form(words: &str) -> bool {
    static SORTED: OnceLock<Vec<&str>> = OnceLock::new();
    let sorted = SORTED.get_or_init(|| {
        let mut forms = FORMS.to_vec();
        forms.sort_unstable();
        forms
    });
    sorted.binary_search(&words).is_ok()
}

/// Whether the words are what the eye sees of a form in small letters, with capital initials or in capitals.
fn looks_like_form(seen: &str) -> bool {
    static SORTED: OnceLock<Vec<String>> = OnceLock::new();
    let sorted = SORTED.get_or_init(|| {
        let written = |form: &&str| [(*form).to_owned(), with_initials(form), form.to_uppercase()];
        let mut forms: Vec<String> = FORMS
            .iter()
            .flat_map(written)
            .flat_map(|form| super::Letters::ALL.map(|letters| super::seen(&form, letters)))
            .collect();
        forms.sort_unstable();
        forms
    });
    sorted.binary_search_by(|form| form.as_str().cmp(seen)).is_ok()
}

/// Each word with a capital initial.
fn with_initials(form: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    form.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_plain_words_and_not_longer_than_is_looked() {
        for form in FORMS {
            assert!(form.split(' ').count() <= LONGEST && !form.is_empty(), "{form}");
            assert_eq!(*form, form.to_lowercase(), "{form}");
        }
    }
}
