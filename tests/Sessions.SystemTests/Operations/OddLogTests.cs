using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Operations;

/// <summary>
/// An access log as servers really write it: each pageview counts once for its visitor, and every other line is skipped
/// with a reason.
/// </summary>
[Collection(Lane.Shared)]
public sealed class OddLogTests(SharedCluster shared)
{
    private const int Lines = 100_000;

    [Fact]
    public async Task A_log_with_unusual_lines_gives_the_expected_sessions_and_every_skipped_line_has_a_reason()
    {
        Cluster cluster = await shared.Started;
        using TempFolder folder = new();
        using OwnProject project = await OwnProject.Create(cluster);
        var log = new OddLog(seed: 2_025, "shop.example", Lines);
        string file = Path.Combine(folder.Path, "access.log");
        await File.WriteAllTextAsync(file, string.Join("\r\n", log.Lines) + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        string said = await ImportCommand.Run(cluster, file, "--project", project.Id, "--site", "https://shop.example");

        Assert.Equal(Lines, log.Sent + log.LeftOut.Values.Sum());
        Assert.Contains($"{log.Sent.ToString("N0", CultureInfo.InvariantCulture)} events are in project", said, StringComparison.Ordinal);
        Assert.Equal(
            log.LeftOut.Select(left => string.Create(CultureInfo.InvariantCulture, $"{left.Value:N0} left out: {left.Key}")),
            said.Split('\n').Where(line => line.Contains("left out", StringComparison.Ordinal)).Select(line => line.Split(" (")[0]));
        IReadOnlyList<JsonObject> sessions = await project.SessionsWith(log.Views);
        Assert.Equal(log.Sessions().Order(StringComparer.Ordinal), sessions.Select(Describe).Order(StringComparer.Ordinal));
        Assert.Equal(log.VisitorCount, sessions.Select(session => (string?)session["distinct_id"]).Distinct().Count());
        Assert.All(sessions, session => Assert.Equal("shop.example", (string?)session["$entry_hostname"]));
    }

    private static string Describe(JsonObject session) => OddLog.Describe(
        DateTimeOffset.Parse((string)session["$start_timestamp"]!, CultureInfo.InvariantCulture),
        DateTimeOffset.Parse((string)session["$end_timestamp"]!, CultureInfo.InvariantCulture),
        (long)session["$pageview_count"]!,
        (string?)session["$entry_pathname"],
        (string?)session["$exit_pathname"],
        (string?)session["$entry_utm_medium"]);
}
