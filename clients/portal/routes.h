// SPDX-License-Identifier: Apache-2.0
// The table of every address: who shows it, who takes its form, and which fields the form has.
#pragma once

#include <span>
#include <string_view>

#include "clients/portal/place.h"
#include "clients/portal/visit.h"

namespace latchkey::portal {

struct Route {
  Place place;
  void (*show)(const VisitPtr&);  // nullptr: only posts
  void (*act)(const VisitPtr&);   // nullptr: no form
  std::span<const std::string_view> fields;
};

std::span<const Route> AllRoutes();
// The route with exactly this path; nullptr when there is none.
const Route* FindRoute(std::string_view path);

}  // namespace latchkey::portal
