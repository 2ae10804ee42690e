// Tells a judge one entry of a history. Internal.
#pragma once

#include "properties/history/history.hpp"

namespace lockstep::properties {

struct Tell {
  model::Judge& judge;

  model::Findings operator()(const History::Adopted& entry) const {
    judge.adopt(entry.inventory);
    return {};
  }
  model::Findings operator()(const History::Answered& entry) const {
    return judge.answered(entry.request, entry.answer, entry.window, entry.after);
  }
  model::Findings operator()(const History::Observed& entry) const {
    return judge.observed(entry.inventory, entry.at);
  }
  model::Findings operator()(const History::Disturbed& entry) const {
    judge.disturbed(entry.kind, entry.relationship, entry.window);
    return {};
  }
  model::Findings operator()(const History::Quiesced& entry) const {
    judge.quiesced(entry.at);
    return {};
  }
  model::Findings operator()(const History::Numbered& entry) const {
    static_cast<void>(judge.volume_number(entry.element));
    return {};
  }
  model::Findings operator()(const History::WriteIssued& entry) const {
    if (entry.unmap) {
      judge.unmap_issued(entry.element, entry.first, entry.count, entry.sequence, entry.at);
    } else {
      judge.write_issued(entry.element, entry.first, entry.count, entry.sequence, entry.at);
    }
    return {};
  }
  model::Findings operator()(const History::WriteAnswered& entry) const {
    model::Findings findings =
        judge.write_answered(entry.element, entry.sequence, entry.scsi_status, entry.at);
    if (entry.raced && entry.scsi_status != 0) findings.clear();
    return findings;
  }
  model::Findings operator()(const History::Read& entry) const {
    if (entry.group) return judge.read_group(entry.images, entry.block_size, entry.window);
    model::Findings findings;
    for (const model::Judge::Image& image : entry.images) {
      const model::Findings found =
          judge.read(image.element, Lba{0}, entry.block_size, image.bytes, entry.window);
      findings.insert(findings.end(), found.begin(), found.end());
    }
    return findings;
  }
};

}  // namespace lockstep::properties
