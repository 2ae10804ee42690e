// The case files: each adds its cases to the list, in the order of the specification.
#pragma once

#include "conformance/cases/support.hpp"

#include <vector>

namespace lockstep::conformance {

// Every case there is. Registered here and nowhere else.
[[nodiscard]] const std::vector<Case>& all_cases();

// The four create methods.
void add_create_sync_type(std::vector<Case>& cases, Method method);
void add_create_mode(std::vector<Case>& cases, Method method);
void add_create_source(std::vector<Case>& cases, Method method);
void add_create_target(std::vector<Case>& cases, Method method);
void add_create_placement(std::vector<Case>& cases, Method method);
void add_create_settings(std::vector<Case>& cases, Method method);
void add_create_answers(std::vector<Case>& cases, Method method);
void add_create_wait(std::vector<Case>& cases, Method method);
void add_create_data(std::vector<Case>& cases, Method method);
void add_sweeps(std::vector<Case>& cases, Method method);

// One method each.
void add_cer_names(std::vector<Case>& cases);
void add_cer_target(std::vector<Case>& cases);
void add_cer_wait(std::vector<Case>& cases);
void add_clr_names(std::vector<Case>& cases);
void add_clr_lists(std::vector<Case>& cases);
void add_clr_errors(std::vector<Case>& cases);
void add_cge_groups(std::vector<Case>& cases);
void add_cge_names(std::vector<Case>& cases);
void add_cge_target_group(std::vector<Case>& cases);
void add_cge_consistency(std::vector<Case>& cases);
void add_mcr_target(std::vector<Case>& cases);
void add_mcr_answers(std::vector<Case>& cases);
void add_mcr_peer(std::vector<Case>& cases);
void add_att_parameters(std::vector<Case>& cases);
void add_att_copy_types(std::vector<Case>& cases);
void add_att_pairs(std::vector<Case>& cases);
void add_attach_sweep(std::vector<Case>& cases);

// General rules and the life cycle.
void add_gen_answers(std::vector<Case>& cases);
void add_gen_jobs(std::vector<Case>& cases);
void add_declared(std::vector<Case>& cases);
void add_mrs_parameters(std::vector<Case>& cases);
void add_mrs_operations(std::vector<Case>& cases);
void add_modify_sweeps(std::vector<Case>& cases);
void add_mls_lists(std::vector<Case>& cases);
void add_groups(std::vector<Case>& cases);

}  // namespace lockstep::conformance
