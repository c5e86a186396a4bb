// SPDX-License-Identifier: Apache-2.0
// Only there so that the precompiled headers have a target.
