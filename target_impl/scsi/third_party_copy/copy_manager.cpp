#include "target_impl/scsi/third_party_copy/copy_manager.hpp"

#include <utility>

namespace lockstep::scsi {

CopyManager::CopyManager(std::string target_name, std::shared_ptr<RodTokens> tokens)
    : target_name_(std::move(target_name)),
      tokens_(std::move(tokens)),
      records_(tokens_->limits().max_results_per_nexus),
      background_(tokens_->limits().max_concurrent_copies) {
  tokens_->add_target(target_name_);
}

CopyManager::~CopyManager() { tokens_->remove_target(target_name_); }

void CopyManager::reset(std::optional<std::uint16_t> lun) {
  background_.terminate_unit(lun);
  records_.drop_unit(lun);
}

}  // namespace lockstep::scsi
