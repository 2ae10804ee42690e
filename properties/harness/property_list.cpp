#include "properties/harness/property_list.hpp"

namespace lockstep::properties {
namespace {

// What random sequences put to the judge at every step: general rules, states and operations, jobs,
// groups, and the bytes.
const std::vector<std::string> kJudgedEverywhere = {
    "GEN-01",   "GEN-02",   "GEN-04",   "GEN-05",   "GEN-07",   "GEN-08",   "GEN-09",   "GEN-10",
    "GEN-11",   "GEN-12",   "GEN-14",   "MRS-01",   "MRS-03",   "MRS-04",   "MRS-05",   "MRS-06",
    "MRS-07",   "MRS-08",   "MRS-10",   "MRS-13",   "MRS-14",   "MRS-15",   "MRS-18",   "MRS-20",
    "MRS-21",   "MRS-22",   "MRS-23",   "MRS-24",   "MRS-25",   "MRS-26",   "MRS-27",   "MRS-28",
    "MRS-32",   "MLS-01",   "MLS-02",   "MLS-03",   "MLS-04",   "MLS-05",   "MLS-06",   "MLS-08",
    "CRG-01",   "CRG-05",   "CRG-07",   "CRG-08",   "DLG-02",   "DLG-03",   "DLG-04",   "AMB-02",
    "AMB-03",   "RMB-02",   "RMB-03",   "RMB-05",   "JOB-01",   "JOB-02",   "JOB-03",   "JOB-05",
    "DS-MS-01", "DS-MS-14", "DS-MS-15", "DS-MS-18", "DS-MA-01", "DS-SN-01", "DS-SN-03", "DS-SN-07",
    "DS-SN-08", "DS-SN-13", "DS-CL-01", "DS-CL-04", "DS-CL-05", "DS-CL-06", "DS-GR-01", "DS-GR-05",
    "DS-LI-01"};

const std::vector<PropertyInfo> kProperties = {
    {"P-REGRESSIONS", {}, "Replays every saved case of the suite.", "No step violates any clause."},
    {"P-SMALL-SCOPE",
     {"CER-05", "CER-31", "CER-33", "CER-43", "MRS-03", "MRS-04", "MRS-05", "MRS-14", "MRS-15"},
     "Takes each transition that can be brought about, then creates a replica of each SyncType and "
     "goes on for up to two steps in every way.",
     "Every answer, state and block is one that the oracle allows."},
    {"P-LOCKSTEP", kJudgedEverywhere,
     "Runs random sequences of methods, operations, writes, reads, waits and faults.",
     "Every answer, state and block is one that the oracle allows."},
};

}  // namespace

const std::vector<PropertyInfo>& list_properties() { return kProperties; }

const PropertyInfo& property_info(const std::string& id) {
  for (const PropertyInfo& info : kProperties) {
    if (info.id == id) return info;
  }
  return kProperties.back();
}

}  // namespace lockstep::properties
