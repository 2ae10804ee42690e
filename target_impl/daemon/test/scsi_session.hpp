// Raw CDBs that libiscsi carries over TCP, one at a time, and their answers.
#pragma once

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <poll.h>
#include <string>
#include <utility>
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

// A session to LUNs of one target; by one thread. The synchronous calls of libiscsi leave commands
// behind that point into their stack frames when a connection breaks, so it waits by itself.
class ScsiSession {
 public:
  // `lun` is one that is there.
  ScsiSession(const std::string& portal, const std::string& target,
              const std::string& initiator = "iqn.2026-11.test:libiscsi", int lun = 0)
      : context_(iscsi_create_context(initiator.c_str())) {
    iscsi_set_targetname(context_, target.c_str());
    iscsi_set_session_type(context_, ISCSI_SESSION_NORMAL);
    iscsi_set_noautoreconnect(context_, 1);
    connected_ = iscsi_full_connect_async(context_, portal.c_str(), lun, on_end, this) == 0 &&
                 wait() && status_ == SCSI_STATUS_GOOD;
  }
  ~ScsiSession() {
    iscsi_destroy_context(context_);  // ends what is still under way
    if (task_ != nullptr) {
      scsi_free_scsi_task(task_);
    }
  }
  ScsiSession(const ScsiSession&) = delete;
  ScsiSession& operator=(const ScsiSession&) = delete;

  // Until the first command that gets no answer.
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  [[nodiscard]] iscsi_context* context() const noexcept { return context_; }

  ScsiAnswer send(int lun, Bytes cdb, Bytes out = {}, std::size_t in_bytes = 0) {
    ScsiAnswer answer;
    if (!connected_) {
      return answer;
    }
    out_ = std::move(out);
    task_ = scsi_create_task(static_cast<int>(cdb.size()), cdb.data(),
                             !out_.empty()   ? SCSI_XFER_WRITE
                             : in_bytes != 0 ? SCSI_XFER_READ
                                             : SCSI_XFER_NONE,
                             static_cast<int>(!out_.empty() ? out_.size() : in_bytes));
    iscsi_data data{out_.size(), out_.data()};
    ended_ = false;
    connected_ = iscsi_scsi_command_async(context_, lun, task_, on_end,
                                          out_.empty() ? nullptr : &data, this) == 0 &&
                 wait();
    if (!connected_) {
      return answer;
    }
    answer.status = status_;
    answer.key = static_cast<int>(task_->sense.key);
    answer.code = task_->sense.ascq;
    if (task_->datain.data != nullptr) {
      const auto* const first = task_->datain.data;
      const auto* const end = first + task_->datain.size;
      // RFC 7143 11.4.7.2: two bytes of length precede the sense data.
      if (answer.good()) {
        answer.data.assign(first, end);
      } else if (end - first > 2) {
        answer.sense.assign(first + 2, end);
      }
    }
    scsi_free_scsi_task(std::exchange(task_, nullptr));
    connected_ = !answer.unanswered();
    return answer;
  }

  void clear_attentions(int lun) {
    for (int i = 0; i != 3; ++i) {
      (void)send(lun, cdb_of(0x00));
    }
  }

 private:
  static void on_end(iscsi_context* /*context*/, int status, void* /*data*/, void* session) {
    auto& self = *static_cast<ScsiSession*>(session);
    self.ended_ = true;
    self.status_ = status;
  }
  // False: it has not ended, and will not.
  bool wait() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!ended_) {
      pollfd entry{iscsi_get_fd(context_), static_cast<short>(iscsi_which_events(context_)), 0};
      if (::poll(&entry, 1, 1000) < 0 || iscsi_service(context_, entry.revents) < 0 ||
          std::chrono::steady_clock::now() > end) {
        return false;
      }
    }
    return true;
  }

  iscsi_context* const context_;
  bool connected_ = false;
  bool ended_ = false;
  int status_ = -1;
  scsi_task* task_ = nullptr;  // with libiscsi
  Bytes out_;                  // its data
};

}  // namespace lockstep::target::test
