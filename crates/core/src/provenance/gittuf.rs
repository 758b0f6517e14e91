//! Approvals of changes that gittuf keeps (<https://github.com/gittuf/gittuf>, `refs/gittuf/attestations`): reference
//! authorizations, which whoever approves signs, and what its application for GitHub states of the approvals of a pull
//! request. Both name the tree that a reference is to have, and no commit: that does not exist yet.

use crate::claim::Fact;
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::statement::Statement;
use crate::release::actor::{Actor, is_bot};
use crate::release::commit::{is_no_object, is_object_name};
use crate::release::review::{ApprovedBy, ChangeApproval};

/// The beginning of the type of reference authorizations; the version follows.
const AUTHORIZATION: &str = "https://gittuf.dev/reference-authorization/v";

/// The beginning of the type of approvals on GitHub; the version follows.
const ON_GITHUB: &str = "https://gittuf.dev/github-pull-request-approval/v";

/// The forge of the application.
const GITHUB: &str = "https://github.com";

/// Approvers of one change that are read.
const MAX_APPROVERS: usize = 100;

/// What a statement says of a change; `None` for other statements.
pub(super) fn of(statement: &Statement) -> Option<Result<Vec<Fact>, FieldError>> {
    let kind = statement.predicate_type.as_str();
    let predicate = Cursor::new(&statement.predicate);
    let by = if kind.starts_with(AUTHORIZATION) {
        Ok(ApprovedBy::Signer)
    } else if kind.starts_with(ON_GITHUB) {
        accounts(&predicate)
    } else {
        return None;
    };
    Some(by.and_then(|by| change(&predicate, by)).map(|change| vec![Fact::ChangeApproved(change)]))
}

fn change(predicate: &Cursor<'_>, by: ApprovedBy) -> Result<ChangeApproval, FieldError> {
    let reference = predicate.field("targetRef")?;
    if !reference.text()?.starts_with("refs/") {
        return Err(reference.error(Problem::BadValue("a fully qualified reference")));
    }
    let from = object(predicate, ["fromID", "fromRevisionID"])?;
    Ok(ChangeApproval {
        reference: reference.text()?.to_owned(),
        from: Some(from).filter(|from| !is_no_object(from)),
        target: object(predicate, ["targetID", "targetTreeID"])?,
        by,
    })
}

/// The name of an object, under the name that the version has for the member.
fn object(predicate: &Cursor<'_>, names: [&str; 2]) -> Result<String, FieldError> {
    let [newer, _] = names;
    let place = predicate.either(names, "said once")?.map_or_else(|| predicate.field(newer), Ok)?;
    let name = place.text()?;
    if is_object_name(name) {
        return Ok(name.to_owned());
    }
    Err(place.error(Problem::BadValue("the name of an object of Git")))
}

/// Who approves, and who took that back.
fn accounts(predicate: &Cursor<'_>) -> Result<ApprovedBy, FieldError> {
    let list = |name: &str| {
        let items = predicate.list(name)?;
        match predicate.optional(name)? {
            Some(list) if items.len() > MAX_APPROVERS => {
                Err(list.error(Problem::BadValue("a list of at most 100 accounts")))
            }
            _ => items.iter().map(account).collect::<Result<Vec<_>, _>>(),
        }
    };
    let (approvers, dismissed) = (list("approvers")?, list("dismissedApprovers")?);
    Ok(ApprovedBy::Accounts { approvers, dismissed })
}

/// `LOGIN+NUMBER`; the first versions had the login alone.
fn account(place: &Cursor<'_>) -> Result<Actor, FieldError> {
    let text = place.text()?;
    let (name, number) = text.split_once('+').map_or((text, None), |(name, number)| (name, Some(number)));
    let is_number = number.is_none_or(|number| number.parse::<u64>().is_ok_and(|it| it.to_string() == number));
    if name.is_empty() || !is_number {
        return Err(place.error(Problem::BadValue("an account: `LOGIN+NUMBER`")));
    }
    let bot = is_bot(name);
    Ok(Actor { realm: GITHUB.to_owned(), number: number.map(str::to_owned), name: name.to_owned(), bot })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "d45ac83ab40c5193ad0c7a74c0b4fb6de218cb0c";
    const TREE: &str = "719646c7b318e5ba2ab96fc784a1927d2854d6ed";

    fn read(kind: &str, predicate: &str) -> Result<ChangeApproval, String> {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"digest":{{"gitTree":"{TREE}"}}}}],"predicateType":"{kind}","predicate":{predicate}}}"#
        );
        let facts = of(&Statement::parse(text.as_bytes()).unwrap()).unwrap().map_err(|error| error.to_string())?;
        match facts.as_slice() {
            [Fact::ChangeApproved(change)] => Ok(change.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn approval(approvers: &str, dismissed: &str) -> Result<ApprovedBy, String> {
        let predicate = format!(
            r#"{{"approvers":{approvers},"dismissedApprovers":{dismissed},"fromRevisionID":"{FROM}","targetRef":"refs/heads/main","targetTreeID":"{TREE}"}}"#
        );
        read("https://gittuf.dev/github-pull-request-approval/v0.1", &predicate).map(|change| change.by)
    }

    #[test]
    fn authorizations_of_both_versions_come_to_the_same() {
        let first = format!(r#"{{"fromRevisionID":"{FROM}","targetRef":"refs/heads/main","targetTreeID":"{TREE}"}}"#);
        let second = format!(r#"{{"fromID":"{FROM}","targetRef":"refs/heads/main","targetID":"{TREE}"}}"#);
        let change = read("https://gittuf.dev/reference-authorization/v0.1", &first).unwrap();
        assert_eq!(Ok(&change), read("https://gittuf.dev/reference-authorization/v0.2", &second).as_ref());
        assert_eq!((change.from.as_deref(), change.target.as_str()), (Some(FROM), TREE));
        assert_eq!(change.by, ApprovedBy::Signer);
        let new = second.replace(FROM, &"0".repeat(40));
        assert_eq!(read("https://gittuf.dev/reference-authorization/v0.2", &new).unwrap().from, None);
        let both = second.replace("{", &format!(r#"{{"targetTreeID":"{FROM}","#));
        assert_eq!(
            read("https://gittuf.dev/reference-authorization/v0.2", &both).unwrap_err(),
            "`targetTreeID` is not said once"
        );
    }

    #[test]
    fn accounts_are_known_by_their_numbers() {
        let ApprovedBy::Accounts { approvers, dismissed } = approval(r#"["jo+583231","kim"]"#, r#"["ann+7"]"#).unwrap()
        else {
            panic!()
        };
        let known: Vec<_> = approvers.iter().map(|by| (by.name.as_str(), by.number.as_deref())).collect();
        assert_eq!(known, [("jo", Some("583231")), ("kim", None)]);
        assert_eq!(dismissed[0].number.as_deref(), Some("7"));
        assert!(approval("[]", "null").is_ok());
        for wrong in [r#"["+1"]"#, r#"["jo+x"]"#, r#"["jo+07"]"#, r#"["jo+1+2"]"#, r#"[{"keyid":"jo"}]"#] {
            assert!(approval(wrong, "[]").unwrap_err().contains("approvers[0]"), "{wrong}");
        }
        let many = vec![r#""jo+1""#; MAX_APPROVERS + 1].join(",");
        assert!(approval(&format!("[{many}]"), "[]").unwrap_err().contains("at most 100 accounts"));
    }

    #[test]
    fn what_names_no_object_or_reference_is_refused() {
        let with = |from: &str, reference: &str| {
            let predicate = format!(r#"{{"fromID":"{from}","targetRef":"{reference}","targetID":"{TREE}"}}"#);
            read("https://gittuf.dev/reference-authorization/v0.2", &predicate).unwrap_err()
        };
        assert_eq!(with("ab", "refs/heads/main"), "`fromID` is not the name of an object of Git");
        assert_eq!(with(FROM, "main"), "`targetRef` is not a fully qualified reference");
        let without = read("https://gittuf.dev/reference-authorization/v0.2", r#"{"targetRef":"refs/heads/main"}"#);
        assert_eq!(without.unwrap_err(), "`fromID` is missing");
    }
}
