using System.Text;
using Sessions.Domain.Replay;

namespace Sessions.Domain.Tests.Replay;

/// <summary>What the full snapshots of a recording say of whether it can be played.</summary>
public sealed class ReplayPlayabilityTests
{
    [Theory]
    [InlineData("""{"type":2,"timestamp":5,"data":{"node":{"type":0,"childNodes":[]}}}""", PictureKind.Web)]
    [InlineData("""{"type":2,"timestamp":5,"cv":"2024-10","data":"zipped"}""", PictureKind.Web)]
    [InlineData("""{"data":"zipped","cv":"2024-10","timestamp":5,"type":2}""", PictureKind.Web)]
    [InlineData("""{"type":2,"timestamp":5,"data":{"wireframes":[]}}""", PictureKind.Mobile)]
    [InlineData("""{"type":2,"timestamp":5,"data":{"wireframes":{}}}""", PictureKind.Unknown)]
    [InlineData("""{"type":2,"timestamp":5,"data":{"node":{"childNodes":5}}}""", PictureKind.Unknown)]
    [InlineData("""{"type":2,"timestamp":5,"data":{"node":"x"}}""", PictureKind.Unknown)]
    [InlineData("""{"type":2,"timestamp":5,"data":"zipped"}""", PictureKind.Unknown)]
    [InlineData("""{"type":2,"timestamp":5}""", PictureKind.Unknown)]
    [InlineData("""{"type":3,"timestamp":5,"data":{"node":{"childNodes":[]}}}""", PictureKind.None)]
    public void A_full_snapshot_is_of_a_kind(string json, PictureKind kind)
    {
        Assert.True(ReplayFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out ReplayFacts facts));
        Assert.Equal(kind, facts.Picture);
    }

    [Fact]
    public void A_summary_counts_the_full_snapshots_and_says_whether_the_format_is_unknown()
    {
        ReplaySummary summary = Of(
            """{"type":2,"timestamp":5,"data":{"wireframes":[]}}""", """{"type":2,"timestamp":5,"cv":"1","data":"zipped"}""", """{"type":4,"timestamp":6}""");
        Assert.Equal((2, 1, false), (summary.FullSnapshots, summary.MobileSnapshots, summary.UnknownFormat));

        ReplaySummary none = Of("""{"type":4,"timestamp":6}""", """{"type":77,"timestamp":6}""");
        Assert.Equal((0, 0, false), (none.FullSnapshots, none.MobileSnapshots, none.UnknownFormat));
        Assert.True(Of("""{"type":77,"timestamp":6}""", """{"timestamp":6}""").UnknownFormat);
        Assert.True(Of("""{"type":4,"timestamp":6}""", """{"type":2,"timestamp":6,"data":{}}""").UnknownFormat);
        // None is written too: it differs from a summary that does not say.
        Assert.True(ReplaySummary.TryRead(none.Write(), out ReplaySummary? read));
        Assert.Equal(none, read);
        Assert.Contains("\"full_snapshots\":0", Encoding.UTF8.GetString(none.Write()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", true, null)]
    [InlineData("1 1 1", true, null)]
    [InlineData("1u", true, null)]
    [InlineData("1 0", true, ReplayPlayability.SomeWindows)]
    [InlineData("0u 1", true, ReplayPlayability.SomeWindows)]
    [InlineData("0", false, ReplayPlayability.NoFullSnapshot)]
    [InlineData("0 0u", false, ReplayPlayability.UnknownFormat)]
    public void A_recording_is_as_playable_as_its_windows(string windows, bool playable, string? problem)
    {
        ReplayPlayability said = ReplayPlayability.Of(
            [.. windows.Split(' ').Select(window => new ReplayPictures(window[0] - '0', 0, window.EndsWith('u')))]);

        Assert.Equal((playable, problem), (said.Playable, said.Problem));
        Assert.Equal(problem is null, said.Detail is null);
    }

    [Fact]
    public void Without_a_recording_the_problem_is_that_recording_is_off_or_there_is_none()
    {
        Assert.Equal(new ReplayPlayability(null, null, null), ReplayPlayability.OfNothing(isRecordingOn: true));
        Assert.Equal((null, ReplayPlayability.RecordingOff), (ReplayPlayability.OfNothing(isRecordingOn: false).Playable, ReplayPlayability.OfNothing(isRecordingOn: false).Problem));
    }

    private static ReplaySummary Of(params string[] events) => ReplaySummary.Of(
        Guid.NewGuid(),
        new DateOnly(2026, 3, 1),
        0,
        [.. events.Select(json => ReplayFactsReader.TryRead(Encoding.UTF8.GetBytes(json), out ReplayFacts facts) ? facts : throw new ArgumentException(json))],
        100);
}
