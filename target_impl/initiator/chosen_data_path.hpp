// A DataPath that sends every command on, by another path that it chooses for the element.
// Internal.
#pragma once

#include "model/port/data_path.hpp"
#include "model/port/lun_urls.hpp"

namespace lockstep::initiator {

class ChosenDataPath : public DataPath, public LunUrls {
 public:
  Result<VolumeGeometry> geometry(const ElementRef& element) final {
    LOCKSTEP_TRY(DataPath * path, path_of(element));
    return path->geometry(element);
  }
  Result<DataAnswer> read(const ElementRef& element, Lba first, std::span<std::byte> out) final {
    LOCKSTEP_TRY(DataPath * path, path_of(element));
    return path->read(element, first, out);
  }
  Result<DataAnswer> write(const ElementRef& element, Lba first,
                           std::span<const std::byte> data) final {
    LOCKSTEP_TRY(DataPath * path, path_of(element));
    return path->write(element, first, data);
  }
  Result<DataAnswer> unmap(const ElementRef& element, Lba first, BlockCount count) final {
    LOCKSTEP_TRY(DataPath * path, path_of(element));
    return path->unmap(element, first, count);
  }
  Result<DataAnswer> flush(const ElementRef& element) final {
    LOCKSTEP_TRY(DataPath * path, path_of(element));
    return path->flush(element);
  }
  Result<std::string> url_of(const ElementRef& element) final {
    LOCKSTEP_TRY(DataPath * path, path_of(element));
    return lun_url_of(*path, element);
  }

 private:
  // Not null; it outlives the call.
  [[nodiscard]] virtual Result<DataPath*> path_of(const ElementRef& element) = 0;
};

}  // namespace lockstep::initiator
