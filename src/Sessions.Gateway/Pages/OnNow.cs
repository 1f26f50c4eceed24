using System.Globalization;
using System.Text.Encodings.Web;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Pages;

/// <summary>What the first page shows.</summary>
/// <param name="Project">The project of the person who looks.</param>
/// <param name="Token">Its public token.</param>
/// <param name="Address">The gateway's address as that person's browser has it.</param>
/// <param name="At">When it was looked up.</param>
/// <param name="Count">How many sessions are live.</param>
/// <param name="Visitors">The latest of them to come.</param>
public sealed record OnNow(
    string Project, string Token, string Address, DateTimeOffset At, long Count, IReadOnlyList<Visitor> Visitors)
{
    /// <summary>What a site's owner pastes: it needs no other file and tells the SDK to come here.</summary>
    public string Snippet =>
        $$"""
        <script async src="{{Address}}/static/array.js"
          onload="posthog.init('{{JavaScriptEncoder.Default.Encode(Token)}}', {
            api_host: '{{Address}}',
            capture_pageview: 'history_change'
          })"></script>
        """;
}

/// <summary>One live session as the first page shows it.</summary>
public sealed record Visitor(string DistinctId, string? EntryPage, DateTimeOffset Start, TimeSpan Duration, int Events)
{
    internal static Visitor From(SessionRow row) => new(
        (string)row["distinct_id"]!,
        row["$entry_hostname"] is string host ? host + row["$entry_pathname"] : (string?)row["$entry_pathname"],
        (DateTimeOffset)row["$start_timestamp"]!,
        TimeSpan.FromSeconds((double)(decimal)row["$session_duration"]!),
        (int)row["$event_count"]!);

    /// <summary>A duration as 0:05, 12:34 or 1:02:03.</summary>
    internal static string Clock(TimeSpan duration) =>
        duration.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalHours}:{duration:mm\\:ss}")
            : duration.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
