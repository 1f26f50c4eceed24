using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>What the fault tests have seen, as a page for people: <c>artifacts/reliability.md</c>.</summary>
public static class Report
{
    private static readonly Lock Gate = new();
    private static readonly Stopwatch Clock = Stopwatch.StartNew();
    private static readonly SortedDictionary<string, (int Times, TimeSpan Stall)> Faults = [];
    private static readonly SortedDictionary<string, string> Notes = [];
    private static int _right;
    private static int _wrong;
    private static long _events;
    private static long _requests;
    private static long _unavailable;
    private static long _unanswered;
    private static long _duplicates;
    private static TimeSpan _longestStall;

    /// <summary>Adds up what a scenario's writers have seen; its audit has found nothing wrong.</summary>
    public static void Add(string faults, Writers writers)
    {
        IReadOnlyList<Answer> answers = writers.Answers.All;
        lock (Gate)
        {
            foreach (string fault in faults.Split(Combination.Separator))
            {
                (int times, TimeSpan stall) = Faults.GetValueOrDefault(fault);
                Faults[fault] = (times + 1, Longer(stall, writers.LongestStall));
            }

            _right++;
            _events += writers.Acknowledged.Count;
            _duplicates += writers.DuplicatesSent + writers.Retries;
            _requests += answers.Count;
            _unavailable += answers.Count(answer => answer.Status >= 500);
            _unanswered += answers.Count(answer => answer.Status == 0);
            _longestStall = Longer(_longestStall, writers.LongestStall);
        }
    }

    /// <summary>A scenario failed: something was lost, doubled, wrong, or did not come back.</summary>
    public static void Failed()
    {
        lock (Gate)
        {
            _wrong++;
        }
    }

    /// <summary>Something else that was measured.</summary>
    public static void Note(string what, string value)
    {
        lock (Gate)
        {
            Notes[what] = value;
        }
    }

    /// <summary>Writes the page.</summary>
    public static Task Write(IReadOnlyDictionary<string, long> memory)
    {
        StringBuilder page = new();
        lock (Gate)
        {
            Line($"Run of {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Clock.Elapsed.TotalMinutes:0} minutes, {Environment.ProcessorCount} processors.");
            Line($"");
            Line($"| what | seen |");
            Line($"|---|---|");
            Line($"| events acknowledged | {_events:N0} |");
            Line($"| scenarios in which anything was lost, doubled, in a wrong row, ended twice | {_wrong} of {_right + _wrong} |");
            Line($"| requests | {_requests:N0} |");
            Line($"| of them sent again, on purpose or for want of an answer | {_duplicates:N0} |");
            Line($"| answered with a 5xx (503, no other) | {_unavailable:N0} ({Share(_unavailable)}) |");
            Line($"| not answered: broken, refused, over 10 s | {_unanswered:N0} ({Share(_unanswered)}) |");
            Line($"| longest stall of one client, retries included | {_longestStall.TotalSeconds:0.0} s |");
            foreach ((string what, string value) in Notes)
            {
                Line($"| {what} | {value} |");
            }

            Line($"");
            Line($"| fault, alone or among others | times | longest stall |");
            Line($"|---|---|---|");
            foreach ((string fault, (int times, TimeSpan stall)) in Faults)
            {
                Line($"| {fault} | {times} | {stall.TotalSeconds:0.0} s |");
            }

            Line($"");
            Line($"| process | most memory |");
            Line($"|---|---|");
            foreach ((string process, long bytes) in memory.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                Line($"| {process} | {bytes >> 20} MiB |");
            }
        }

        return File.WriteAllTextAsync(Path.Combine(Repository.Artifacts(""), "reliability.md"), page.ToString());

        void Line(FormattableString text) => page.AppendLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string Share(long count) =>
        (_requests == 0 ? 0 : (double)count / _requests).ToString("0.00 %", CultureInfo.InvariantCulture);
}
