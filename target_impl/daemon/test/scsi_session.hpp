// Raw CDBs that libiscsi carries over TCP, one at a time, and their answers.
#pragma once

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace lockstep::target::test {

using Bytes = std::vector<std::uint8_t>;

// Big-endian; makes room where there is none.
inline void put(Bytes& to, std::size_t at, std::size_t bytes, std::uint64_t value) {
  to.resize(std::max(to.size(), at + bytes));
  for (std::size_t i = bytes; i != 0; --i, value >>= 8) {
    to[at + i - 1] = static_cast<std::uint8_t>(value & 0xff);
  }
}

inline std::uint64_t get(const Bytes& from, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i != bytes; ++i) {
    value = value << 8 | from.at(at + i);
  }
  return value;
}

struct CdbField {
  std::size_t at;
  std::size_t bytes;
  std::uint64_t value;
};

// As long as the group of the operation code says (SPC-4 4.2.5.1).
inline Bytes cdb_of(std::uint8_t operation_code, std::initializer_list<CdbField> fields = {}) {
  const unsigned group = operation_code >> 5U;
  Bytes cdb(group == 0 ? 6 : group < 3 ? 10 : group == 5 ? 12 : 16);
  cdb[0] = operation_code;
  for (const CdbField& field : fields) {
    put(cdb, field.at, field.bytes, field.value);
  }
  return cdb;
}

struct ScsiAnswer {
  int status = -1;  // a SCSI status, or what libiscsi says of a command that has none
  int key = 0;
  int code = 0;  // ASC and ASCQ
  Bytes data;
  Bytes sense;  // as it came, without its length

  [[nodiscard]] bool good() const noexcept { return status == SCSI_STATUS_GOOD; }
  // The session has ended, or nothing came for as long as libiscsi waits.
  [[nodiscard]] bool unanswered() const noexcept { return status < 0 || status > 0xff; }
};

// A session to LUNs of one target; by one thread.
class ScsiSession {
 public:
  ScsiSession(const std::string& portal, const std::string& target,
              const std::string& initiator = "iqn.2026-11.test:libiscsi")
      : context_(iscsi_create_context(initiator.c_str())) {
    iscsi_set_targetname(context_, target.c_str());
    iscsi_set_session_type(context_, ISCSI_SESSION_NORMAL);
    iscsi_set_noautoreconnect(context_, 1);
    iscsi_set_timeout(context_, 20);
    connected_ = iscsi_full_connect_sync(context_, portal.c_str(), 0) == 0;
  }
  ~ScsiSession() { iscsi_destroy_context(context_); }
  ScsiSession(const ScsiSession&) = delete;
  ScsiSession& operator=(const ScsiSession&) = delete;

  [[nodiscard]] bool connected() const noexcept { return connected_; }
  [[nodiscard]] iscsi_context* context() const noexcept { return context_; }

  ScsiAnswer send(int lun, Bytes cdb, Bytes out = {}, std::size_t in_bytes = 0) {
    scsi_task* task = scsi_create_task(static_cast<int>(cdb.size()), cdb.data(),
                                       !out.empty()    ? SCSI_XFER_WRITE
                                       : in_bytes != 0 ? SCSI_XFER_READ
                                                       : SCSI_XFER_NONE,
                                       static_cast<int>(!out.empty() ? out.size() : in_bytes));
    iscsi_data data{out.size(), out.data()};
    ScsiAnswer answer;
    if (iscsi_scsi_command_sync(context_, lun, task, out.empty() ? nullptr : &data) != nullptr) {
      answer.status = task->status;
      answer.key = static_cast<int>(task->sense.key);
      answer.code = task->sense.ascq;
      if (task->datain.data != nullptr) {
        const auto* const first = task->datain.data;
        const auto* const end = first + task->datain.size;
        // RFC 7143 11.4.7.2: two bytes of length precede the sense data.
        if (answer.good()) {
          answer.data.assign(first, end);
        } else if (end - first > 2) {
          answer.sense.assign(first + 2, end);
        }
      }
    }
    scsi_free_scsi_task(task);
    return answer;
  }

  void clear_attentions(int lun) {
    for (int i = 0; i != 3; ++i) {
      (void)send(lun, cdb_of(0x00));
    }
  }

 private:
  iscsi_context* const context_;
  bool connected_ = false;
};

}  // namespace lockstep::target::test
