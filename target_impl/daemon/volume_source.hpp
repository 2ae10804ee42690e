// Where the volumes of a configured target come from: memory, or a durable store in a directory.
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/units.hpp"
#include "target_impl/scsi/persistent_state.hpp"
#include "target_impl/store/volume.hpp"

#include <memory>
#include <string>

namespace lockstep::target {

class VolumeSource {
 public:
  virtual ~VolumeSource() = default;
  // The volume of that name, made when there is none. Origin::Config: there is one of another size.
  [[nodiscard]] virtual Result<std::shared_ptr<store::Volume>> volume(const std::string& name,
                                                                      BlockCount blocks,
                                                                      BlockSize block_size) = 0;
  // Where the logical unit of that name keeps what outlives the process; null: nothing does.
  [[nodiscard]] virtual std::shared_ptr<scsi::PersistentState> state(const std::string& name) = 0;
  [[nodiscard]] virtual const std::shared_ptr<store::Pool>& pool() const noexcept = 0;
  // Returns when everything that has taken effect will be there after a crash.
  [[nodiscard]] virtual Status flush() = 0;
};

[[nodiscard]] std::unique_ptr<VolumeSource> memory_volumes(ByteCount capacity);
// Of the store in that directory, which is made when it is not there. Origin::Config: what
// DurableStore::open() refuses.
[[nodiscard]] Result<std::unique_ptr<VolumeSource>> durable_volumes(const std::string& directory,
                                                                    ByteCount capacity);

}  // namespace lockstep::target
