// What a learner has to know of how the work is kept.

const OFF = "This browser keeps nothing for this site (private mode, or storage is off): download the notebook before you leave.";
const UNREAD = "What this browser kept of this notebook could not be read. It is set aside, and you begin with the exercise as released.";
const RELEASE = "The exercise has been changed since you began. Your answers are kept; Reset at a cell shows its new text.";
const FULL = "There is no room left in this browser's storage: your last changes are not kept. Download the notebook before you leave.";
const ELSEWHERE = "This notebook was changed in another tab. Nothing that you write here is kept until you choose.";

export function warn({work, notices, cells}) {
  if (!work.kept) notices.show("storage", OFF);
  if (work.unread) notices.show("unread", UNREAD);
  if (cells.some(cell => !cell.own && work.outdated(cell.id, cell.released))) notices.show("release", RELEASE);
}

export function noRoom({notices}) {
  notices.show("storage", FULL);
}

export function changedElsewhere({work, notices}) {
  notices.show("elsewhere", ELSEWHERE, {"Load that version": () => location.reload(), "Keep this one": () => work.keepMine()});
}
