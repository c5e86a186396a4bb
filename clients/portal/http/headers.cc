// SPDX-License-Identifier: Apache-2.0
#include "clients/portal/http/headers.h"

namespace latchkey::portal {

void AddGuards(Response& response, bool secure) {
  auto add = [&](const char* name, const char* value) {
    response.headers.push_back({name, value});
  };
  // Nothing but our own files, no script or style in the page itself, no foreign form target, no
  // frame (L04, S05, I09).
  add("Content-Security-Policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action "
      "'self'; "
      "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types "
      "'none'");
  add("Cache-Control", response.immutable ? "public, max-age=31536000, immutable" : "no-store");
  add("Referrer-Policy", "no-referrer");
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Permissions-Policy",
      "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
      "magnetometer=(), microphone=(), payment=(), usb=()");
  add("X-Robots-Tag", "noindex, nofollow");
  if (secure) add("Strict-Transport-Security", "max-age=63072000");
}

}  // namespace latchkey::portal
