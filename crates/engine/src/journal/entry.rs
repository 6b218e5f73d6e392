//! One input as an entry: a byte that says what it is, and what there is to say of it.

use std::sync::Arc;

use probetop_core::clock::Timestamp;
use probetop_core::sample::Observation;
use probetop_core::wire::{Damage, FIRST_FREE, Reader, Wire, Writer};

use crate::alert::saved::SavedAlerts;
use crate::monitor::{Input, Plan};

const PLAN: u8 = FIRST_FREE;
const NOTICE: u8 = FIRST_FREE + 1;
const RESTORED: u8 = FIRST_FREE + 2;
const ACT: u8 = FIRST_FREE + 3;
const LOOK: u8 = FIRST_FREE + 4;
const MARK: u8 = FIRST_FREE + 5;
const TICK: u8 = FIRST_FREE + 6;
const END: u8 = FIRST_FREE + 7;

/// Writes an input that is not a plan.
pub(super) fn write(input: &Input, to: &mut Writer) {
    match input {
        Input::Observed(observation) => observation.write(to),
        // Plans stand beside the entries: `write_plan`.
        Input::Plan { .. } => {}
        Input::Notice(notice) => entry(NOTICE, notice, to),
        Input::Restored(saved) => {
            to.byte(RESTORED);
            // The document of the state file, which is text of our own and cannot fail to be written.
            to.bytes(&serde_json::to_vec(saved).unwrap_or_default());
        }
        Input::Act(act) => entry(ACT, act, to),
        Input::Look(target) => entry(LOOK, target, to),
        Input::Mark(mark) => entry(MARK, mark, to),
        Input::Tick(tick) => entry(TICK, tick, to),
        Input::End => to.byte(END),
    }
}

/// Writes that the plan of this number was followed.
pub(super) fn write_plan(at: Timestamp, number: usize, to: &mut Writer) {
    entry(PLAN, &at, to);
    to.number(number as u64);
}

fn entry(kind: u8, content: &impl Wire, to: &mut Writer) {
    to.byte(kind);
    content.write(to);
}

/// # Errors
/// The bytes are no entry.
pub(super) fn read(from: &mut Reader<'_>, plans: &[Arc<Plan>]) -> Result<Input, Damage> {
    Ok(match from.byte()? {
        PLAN => {
            let at = Wire::read(from)?;
            let number = usize::try_from(from.number()?).map_err(|_| Damage)?;
            let plan = plans.get(number).ok_or(Damage)?;
            Input::Plan {
                at,
                plan: Box::new(Plan::clone(plan)),
            }
        }
        NOTICE => Input::Notice(Wire::read(from)?),
        RESTORED => {
            let saved = serde_json::from_slice::<SavedAlerts>(from.bytes()?).map_err(|_| Damage)?;
            Input::Restored(Box::new(saved))
        }
        ACT => Input::Act(Wire::read(from)?),
        LOOK => Input::Look(Wire::read(from)?),
        MARK => Input::Mark(Wire::read(from)?),
        TICK => Input::Tick(Wire::read(from)?),
        END => Input::End,
        kind => Input::Observed(Observation::read_as(kind, from)?),
    })
}
