//! `verify`: one verdict per artifact.

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;

use countersign::record::Reliance;
use countersign::reports::{Failure, Tally};
use countersign::verdict::{Decision, Verdict};
use countersign_store::NewRecord;

use crate::args::Verify;
use crate::examiner::{Judge, Target, cores};
use crate::output::{Output, complain, note};
use crate::progress::Progress;
use crate::record::{self, Recorder};
use crate::statement::Writer;
use crate::sweep::sweep;
use crate::trouble::Trouble;
use crate::walk::{Met, Walk};

/// Runs the command and returns its exit code.
pub(crate) fn run(options: &Verify) -> Result<u8, Trouble> {
    let (judge, keep) = prepare(options)?;
    let mut targets = match options.digest {
        Some(digest) => vec![Start::Whole(Target::Digest(digest))],
        None => Vec::new(),
    };
    for path in &options.artifacts {
        targets.push(judge.examiner.whole(path)?.map_or_else(|| Start::Walk(path.clone()), Start::Whole));
    }
    let writer = Writer::new(options, !matches!(targets.as_slice(), [Start::Whole(_)]))?;
    match <[Start; 1]>::try_from(targets) {
        Ok([Start::Whole(target)]) => Ok(one(&judge, keep, &target, &writer)),
        Ok([walk]) => Ok(many(&judge, keep, vec![walk], &writer)),
        Err(targets) => Ok(many(&judge, keep, targets, &writer)),
    }
}

/// What keeps the verdicts, and who relies on them.
struct Keep {
    recorder: Recorder,
    reliance: Reliance,
}

/// Whoever judges, and whatever keeps the verdicts if they are to be kept. With `--record` a registry that
/// cannot be asked does not keep the verdict from being given; the exit code tells.
fn prepare(options: &Verify) -> Result<(Judge, Option<Keep>), Trouble> {
    let (evidence, appraisal) = (&options.evidence, &options.appraisal);
    if !options.record {
        return Ok((Judge::new(evidence, appraisal)?, None));
    }
    let reliance = record::reliance(options.place.as_deref())?;
    let plain = Judge::without_registry(evidence, appraisal)?;
    // First, because it makes the store if it is not there.
    let recorder = Recorder::open(&appraisal.store, plain.policy());
    let judge = if recorder.is_open() { Judge::new(evidence, appraisal)? } else { plain };
    Ok((judge, Some(Keep { recorder, reliance })))
}

/// Where the user pointed.
enum Start {
    Whole(Target),
    Walk(PathBuf),
}

fn one(judge: &Judge, mut keep: Option<Keep>, target: &Target, writer: &Writer) -> u8 {
    let Writer { report, form, .. } = writer;
    let reliance = keep.as_ref().map(|keep| keep.reliance.clone());
    let mut done = judged(judge, target, cores(), writer, reliance.as_ref());
    hand_over(keep.as_mut(), &mut done);
    let mut tally = Tally::default();
    let mut output = Output::new();
    let piece = account(&mut tally, done);
    if !piece.is_empty() || !tally.failures.is_empty() && report.tells_failures {
        output.put(&(report.begin)(form));
        output.put(&piece);
        output.put(&(report.end)(form, &tally));
    }
    finish(output.finish(tally.exit_code()), keep)
}

/// The verdicts are told by now; what is left is to keep them.
fn finish(exit_code: u8, keep: Option<Keep>) -> u8 {
    keep.map_or(exit_code, |keep| keep.recorder.finish(exit_code))
}

fn hand_over(keep: Option<&mut Keep>, done: &mut Done) {
    if let (Some(keep), Done::Judged { record, .. }) = (keep, done) {
        record.take().into_iter().for_each(|record| keep.recorder.put(*record));
    }
}

/// What became of one thing that was met.
enum Done {
    Judged {
        decision: Decision,
        piece: String,
        bytes: u64,
        unprintable: Option<String>,
        record: Option<Box<Result<NewRecord, Trouble>>>,
    },
    /// Evidence of its neighbour.
    Passed,
    Failed(Trouble),
}

fn many(judge: &Judge, mut keep: Option<Keep>, starts: Vec<Start>, writer: &Writer) -> u8 {
    let Writer { report, form, .. } = writer;
    let reliance = keep.as_ref().map(|keep| keep.reliance.clone());
    let mut output = Output::new();
    let mut tally = Tally::default();
    let mut progress = Progress::over(starts.iter().map(|start| start.path().to_owned()).collect());
    output.put(&(report.begin)(form));
    let mut separator = "";
    let jobs = starts.into_iter().flat_map(Start::jobs);
    sweep(
        jobs,
        cores(),
        |job| do_job(judge, job, writer, reliance.as_ref()),
        |mut done| {
            hand_over(keep.as_mut(), &mut done);
            let bytes = done.bytes();
            let piece = progress.aside(|| account(&mut tally, done));
            if !piece.is_empty() {
                output.put(separator);
                output.put(&piece);
                separator = (report.between)(form);
            }
            if progress.is_shown() {
                progress.aside(|| output.flush());
            }
            progress.done(bytes);
            !output.is_broken()
        },
    );
    progress.finish();
    if tally.judged() == 0 && tally.failures.is_empty() {
        account(&mut tally, Done::Failed(Trouble::new("verify", "found nothing to judge: only evidence, no artifact")));
    }
    output.put(&(report.end)(form, &tally));
    finish(output.finish(tally.exit_code()), keep)
}

impl Done {
    const fn bytes(&self) -> u64 {
        match self {
            Self::Judged { bytes, .. } => *bytes,
            Self::Passed | Self::Failed(_) => 0,
        }
    }
}

/// Counts what was done and returns what is to be written.
fn account(tally: &mut Tally, done: Done) -> String {
    match done {
        Done::Passed => String::new(),
        Done::Failed(trouble) => {
            complain(&trouble);
            tally.failures.push(Failure { path: trouble.place.clone(), problem: trouble.to_string() });
            String::new()
        }
        Done::Judged { decision, piece, unprintable, .. } => {
            if let Some(name) = unprintable {
                note(&format!("{name}: the name is not UTF-8; its other bytes are written \\xNN"));
            }
            tally.count(decision);
            piece
        }
    }
}

impl Start {
    fn path(&self) -> &std::path::Path {
        match self {
            Self::Walk(path) | Self::Whole(Target::File(path, _) | Target::Tree(path)) => path,
            Self::Whole(Target::Digest(_)) => std::path::Path::new(""),
        }
    }

    fn jobs(self) -> Box<dyn Iterator<Item = Job> + Send> {
        match self {
            Self::Whole(target) => Box::new(std::iter::once(Job::Target(target))),
            Self::Walk(path) => {
                let mut met = Walk::new(&path).map(Job::Met).peekable();
                let nothing = met.peek().is_none().then(|| Job::Met(Met::Trouble(empty(&path))));
                Box::new(met.chain(nothing))
            }
        }
    }
}

fn empty(path: &std::path::Path) -> Trouble {
    Trouble::at(path, "holds no file to judge").remedy("name a file, or a directory with files in it")
}

enum Job {
    Target(Target),
    Met(Met),
}

fn do_job(judge: &Judge, job: Job, writer: &Writer, reliance: Option<&Reliance>) -> Done {
    let target = match job {
        Job::Target(target) => target,
        Job::Met(Met::Trouble(trouble)) => return Done::Failed(trouble),
        Job::Met(Met::File(path, listing)) => match judge.examiner.is_evidence(&path, &listing) {
            Ok(true) => return Done::Passed,
            Ok(false) => Target::File(path, Some(listing)),
            Err(trouble) => return Done::Failed(trouble),
        },
    };
    judged(judge, &target, 1, writer, reliance)
}

fn judged(judge: &Judge, target: &Target, threads: usize, writer: &Writer, reliance: Option<&Reliance>) -> Done {
    let verdict = match guarded(judge, target, threads) {
        Err(trouble) => return Done::Failed(trouble),
        Ok(verdict) => verdict,
    };
    match writer.write(&verdict) {
        Err(trouble) => Done::Failed(trouble),
        Ok(piece) => Done::Judged {
            decision: verdict.decision,
            piece,
            bytes: verdict.dossier.artifact.size.unwrap_or(0),
            unprintable: target.unprintable(),
            record: reliance.map(|reliance| Box::new(judge.record(&verdict, reliance))),
        },
    }
}

/// A defect of ours in one file ends the verdict on that file, never those on the others.
fn guarded(judge: &Judge, target: &Target, threads: usize) -> Result<Verdict, Trouble> {
    let judged = panic::catch_unwind(AssertUnwindSafe(|| judge.judge(target, threads)));
    judged.unwrap_or_else(|_| {
        let trouble = Trouble::new(target.text(), "a defect in Countersign ended the examination");
        Err(trouble.remedy("please report it, with the file if you may"))
    })
}
