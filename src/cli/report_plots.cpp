// Plots of the report.
// Tested by tests/cli/report_page_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_plots.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/report_html.hpp"

namespace mcpgov::cli {

namespace {

constexpr std::size_t kBars = 180;
constexpr double kWidth = 1000, kHalfWidth = 520, kHeight = 240, kLeft = 56, kRight = 12, kTop = 12,
                 kBottom = 30;
// From the bottom of a bar to its top.
constexpr Verdict kStack[] = {Verdict::allowed, Verdict::observed, Verdict::pending,
                              Verdict::denied};
constexpr const char* kKinds[] = {"allowed", "observed", "denied", "pending"};

std::string fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// kind: a class of the style.
void rectangle(std::string& out, const char* kind, double x, double y, double width, double height,
               const std::string& title = {}) {
  out += "<rect class=\"";
  out += kind;
  out += "\" x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" width=\"" + fixed(width) +
         "\" height=\"" + fixed(height) + "\"";
  out += title.empty() ? "/>" : "><title>" + escape_html(title) + "</title></rect>";
}

void label(std::string& out, double x, double y, const char* anchor, const std::string& text) {
  out += "<text x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" text-anchor=\"";
  out += anchor;
  out += "\">" + escape_html(text) + "</text>";
}

std::string opened(double width, double height, const std::string& about) {
  return "<div class=\"plot\" tabindex=\"0\" role=\"group\" aria-label=\"plot\"><svg viewBox=\"0 "
         "0 " +
         fixed(width) + " " + fixed(height) + "\" role=\"img\" aria-label=\"" + escape_html(about) +
         "\">";
}

void grid(std::string& out, const std::vector<std::uint64_t>& steps, double width, double height) {
  const double room = height - kTop - kBottom;
  for (const std::uint64_t step : steps) {
    const double share = static_cast<double>(step) / static_cast<double>(steps.back());
    const double y = kTop + room * (1 - share);
    out += "<line class=\"grid\" x1=\"" + fixed(kLeft) + "\" x2=\"" + fixed(width - kRight) +
           "\" y1=\"" + fixed(y) + "\" y2=\"" + fixed(y) + "\"/>";
    label(out, kLeft - 6, y + 4, "end", count_text(step));
  }
}

std::uint64_t sum(const HourFacts& hour) {
  std::uint64_t out = 0;
  for (const std::uint64_t each : hour.verdicts) out += each;
  return out;
}

std::string bar_title(const Timeline& timeline, std::size_t i) {
  const std::uint64_t start = (timeline.start_hour + i * timeline.step_hours) * kHourUs;
  std::string out =
      time_text(start).substr(0, 16) + " UTC, " + std::to_string(timeline.step_hours) + " h:";
  for (const Verdict verdict : kStack) {
    const auto at = static_cast<std::size_t>(verdict);
    const std::uint64_t count = timeline.bars[i].verdicts[at];
    if (count != 0) out += " " + count_text(count) + " " + kKinds[at];
  }
  return out;
}

// Where a day or a month begins, so that there are about eight words below the plot.
void time_axis(std::string& out, const Timeline& timeline, double width, double height) {
  const std::uint64_t hours = timeline.bars.size() * timeline.step_hours;
  std::uint64_t every = timeline.step_hours;
  for (const std::uint64_t step : {1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760}) {
    every = step;
    if (hours / step <= 10) break;
  }
  std::uint64_t at = (timeline.start_hour + every - 1) / every * every;
  for (; at < timeline.start_hour + hours; at += every) {
    const double x = kLeft + width * static_cast<double>(at - timeline.start_hour) /
                                 static_cast<double>(timeline.step_hours);
    if (x > kWidth - 45) break;
    const std::string time = time_text(at * kHourUs);
    out += "<line class=\"tick\" x1=\"" + fixed(x) + "\" x2=\"" + fixed(x) + "\" y1=\"" +
           fixed(height - kBottom) + "\" y2=\"" + fixed(height - kBottom + 5) + "\"/>";
    label(out, x + 2, height - 9, "start", every < 24 ? time.substr(5, 11) : time.substr(0, 10));
  }
}

}  // namespace

std::vector<std::uint64_t> axis_steps(std::uint64_t largest) {
  std::uint64_t step = 1;
  while (largest / step > 5) {
    const std::uint64_t next = step * 2;
    if (largest / next <= 5) {
      step = next;
      break;
    }
    if (largest / (step * 5) <= 5) {
      step *= 5;
      break;
    }
    step *= 10;
  }
  std::vector<std::uint64_t> out{0};
  while (out.back() < largest || out.size() < 2) out.push_back(out.back() + step);
  return out;
}

Timeline timeline_of(const std::map<std::uint64_t, HourFacts>& hours) {
  Timeline out;
  if (hours.empty()) return out;
  const std::uint64_t first = hours.begin()->first, last = hours.rbegin()->first;
  for (const std::uint64_t step : {1, 2, 3, 4, 6, 12, 24, 48, 168, 720, 2160, 8760}) {
    out.step_hours = step;
    if ((last - first) / step < kBars) break;
  }
  while ((last - first) / out.step_hours >= kBars) out.step_hours *= 2;
  out.start_hour = first - first % out.step_hours;
  out.bars.resize((last - out.start_hour) / out.step_hours + 1);
  for (const auto& [hour, facts] : hours) {
    HourFacts& bar = out.bars[(hour - out.start_hour) / out.step_hours];
    for (std::size_t i = 0; i < kVerdicts; ++i) bar.verdicts[i] += facts.verdicts[i];
    bar.failed += facts.failed;
  }
  return out;
}

std::string timeline_svg(const Timeline& timeline) {
  if (timeline.bars.empty()) return "<p class=\"none\">There were no messages.</p>";
  std::uint64_t largest = 1;
  for (const HourFacts& bar : timeline.bars) largest = std::max(largest, sum(bar));
  const std::vector<std::uint64_t> steps = axis_steps(largest);
  const double width = (kWidth - kLeft - kRight) /
                       static_cast<double>(std::max<std::size_t>(timeline.bars.size(), 8));
  const double room = kHeight - kTop - kBottom;
  std::string out =
      opened(kWidth, kHeight,
             "Messages by time and by what became of them; the highest bar is " +
                 count_text(largest) + " in " + std::to_string(timeline.step_hours) + " h");
  grid(out, steps, kWidth, kHeight);
  for (std::size_t i = 0; i < timeline.bars.size(); ++i) {
    if (sum(timeline.bars[i]) == 0) continue;
    double y = kHeight - kBottom;
    out += "<g><title>" + escape_html(bar_title(timeline, i)) + "</title>";
    for (const Verdict verdict : kStack) {
      const auto at = static_cast<std::size_t>(verdict);
      const std::uint64_t count = timeline.bars[i].verdicts[at];
      if (count == 0) continue;
      // A single denial among thousands must still be seen.
      const double height =
          std::max(1.5, room * static_cast<double>(count) / static_cast<double>(steps.back()));
      y = std::max(kTop, y - height);
      rectangle(out, kKinds[at], kLeft + width * static_cast<double>(i) + 0.5, y,
                std::max(1.0, width - 1), height);
    }
    out += "</g>\n";
  }
  time_axis(out, timeline, width, kHeight);
  return out + "</svg></div>\n";
}

std::string latency_svg(const Sizes& sizes, std::string_view about) {
  if (sizes.total() == 0) return "<p class=\"none\">There is nothing to show.</p>";
  std::vector<std::uint64_t> bars;
  std::size_t first = 64, last = 0;
  for (std::size_t power = 0; power < 63; ++power) {
    const std::uint64_t low = power == 0 ? 0 : (1ull << power) - 1,
                        high = (1ull << (power + 1)) - 1;
    bars.push_back(sizes.between(low, high));
    if (bars.back() == 0) continue;
    first = std::min(first, power);
    last = power;
  }
  if (first > last) first = last = 0;
  const std::uint64_t largest =
      std::max<std::uint64_t>(*std::max_element(bars.begin(), bars.end()), 1);
  const std::vector<std::uint64_t> steps = axis_steps(largest);
  const double height = 190, room = height - kTop - kBottom;
  const double width = (kHalfWidth - kLeft - kRight) /
                       static_cast<double>(std::max<std::size_t>(last - first + 1, 8));
  std::string out =
      opened(kHalfWidth, height,
             std::string(about) + ": half within " + duration_text(sizes.quantile(0.5)) +
                 ", 99 % within " + duration_text(sizes.quantile(0.99)));
  grid(out, steps, kHalfWidth, height);
  for (std::size_t power = first; power <= last; ++power) {
    const double x = kLeft + width * static_cast<double>(power - first);
    const double share = static_cast<double>(bars[power]) / static_cast<double>(steps.back());
    const std::string range =
        duration_text(1ull << power) + " to " + duration_text(1ull << (power + 1));
    if (bars[power] != 0) {
      rectangle(out, "allowed", x + 1, height - kBottom - std::max(1.5, room * share), width - 2,
                std::max(1.5, room * share), range + ": " + count_text(bars[power]));
    }
    if ((power - first) % ((last - first) / 6 + 1) == 0) {
      label(out, x, height - 9, "start", duration_text(1ull << power));
    }
  }
  return out + "</svg></div>\n";
}

std::string use_bar_svg(const Use& use, std::uint64_t largest) {
  const double scale = 120.0 / static_cast<double>(std::max<std::uint64_t>(largest, 1));
  std::string out = "<svg class=\"bar\" viewBox=\"0 0 120 12\" aria-hidden=\"true\">";
  const std::uint64_t counts[] = {use.allowed, use.observed, use.denied, use.pending};
  double x = 0;
  for (const Verdict verdict : kStack) {
    const auto at = static_cast<std::size_t>(verdict);
    if (counts[at] == 0) continue;
    const double width = std::max(1.0, static_cast<double>(counts[at]) * scale);
    rectangle(out, kKinds[at], x, 1, width, 10);
    x += width;
  }
  return out + "</svg>";
}

std::string harm_bar_svg(const Use& use) {
  const auto ran = static_cast<double>(std::max<std::uint64_t>(use.allowed + use.observed, 1));
  std::string out = "<svg class=\"bar\" viewBox=\"0 0 120 12\" aria-hidden=\"true\">";
  rectangle(out, "back", 0, 1, 120, 10);
  double x = 0;
  const auto part = [&](std::uint64_t count, const char* kind) {
    if (count == 0) return;
    const double width = std::max(1.0, 120 * static_cast<double>(count) / ran);
    rectangle(out, kind, x, 1, std::min(width, 120 - x), 10);
    x = std::min(x + width, 119.0);
  };
  part(use.destructive, "denied");
  part(use.writes, "observed");
  return out + "</svg>";
}

std::string share_bar_svg(std::uint64_t part, std::uint64_t whole, const char* kind) {
  std::string out = "<svg class=\"bar\" viewBox=\"0 0 120 12\" aria-hidden=\"true\">";
  rectangle(out, "back", 0, 1, 120, 10);
  if (part != 0 && whole != 0) {
    const double share = static_cast<double>(part) / static_cast<double>(whole);
    rectangle(out, kind, 0, 1, std::max(1.0, 120 * std::min(share, 1.0)), 10);
  }
  return out + "</svg>";
}

}  // namespace mcpgov::cli
