// Third-party copy commands as raw CDBs (SPC-4 6.5, SBC-4 5.12 and 5.59).
#pragma once

#include "target_impl/daemon/test/scsi_session.hpp"

namespace lockstep::target::test {

// EXTENDED COPY and its kin: an identifier in bytes 6 to 9, the length of the list in 10 to 13.
inline ScsiAnswer originate(ScsiSession& session, int lun, unsigned action,
                            std::uint32_t identifier, const Bytes& list) {
  return session.send(lun, cdb_of(0x83, {{1, 1, action}, {6, 4, identifier}, {10, 4, list.size()}}),
                      list);
}

inline ScsiAnswer inquire(ScsiSession& session, int lun, unsigned action, std::uint32_t identifier,
                          std::size_t bytes) {
  return session.send(lun, cdb_of(0x84, {{1, 1, action}, {2, 4, identifier}, {10, 4, bytes}}), {},
                      bytes);
}

// The parameter list with one block device range at its end.
inline Bytes with_range(Bytes list, std::size_t length_at, std::uint64_t first,
                        std::uint64_t blocks) {
  put(list, length_at, 2, 16);
  put(list, length_at + 2, 8, first);
  put(list, length_at + 10, 4, blocks);
  put(list, length_at + 14, 4, 0);
  put(list, 0, 2, list.size() - 2);
  return list;
}

inline ScsiAnswer populate_token(ScsiSession& session, int lun, std::uint32_t identifier,
                                 std::uint64_t first, std::uint64_t blocks) {
  return originate(session, lun, 0x10, identifier, with_range(Bytes(14), 14, first, blocks));
}

// What WRITE USING TOKEN begins with, from the answer to RECEIVE ROD TOKEN INFORMATION.
inline Bytes token_list(const ScsiAnswer& information) {
  Bytes list(16);
  list.insert(list.end(), information.data.begin() + 38, information.data.end());
  return list;
}

inline ScsiAnswer write_using_token(ScsiSession& session, int lun, std::uint32_t identifier,
                                    const Bytes& token_list, std::uint64_t first,
                                    std::uint64_t blocks) {
  return originate(session, lun, 0x11, identifier, with_range(token_list, 534, first, blocks));
}

}  // namespace lockstep::target::test
