using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Sessions.Database.Properties;
using Sessions.Domain.Folding;
using Sessions.Domain.Tests.Folding;
using Sessions.Web.Live;

namespace Sessions.Tests.Web.Api;

/// <summary>What live streams report when news of a silo was lost, came twice, or came late.</summary>
public sealed class LiveProjectTests
{
    private readonly Guid _id = Guid.CreateVersion7();
    private readonly SessionState _first = Folded.Of(new Happened("$pageview", 0));

    private SessionState Second => _first.Plus(new Happened("clicked", 1));

    private SessionState Over => Second.Ended(EndReason.Idle);

    [Fact]
    public void A_session_that_changed_without_news_is_reported_from_its_row()
    {
        (LiveProject project, ChannelReader<byte[]> messages) = Watched(_first);
        Dictionary<Guid, long> live = new() { [_id] = 2 };

        (IReadOnlyList<Guid> missed, IReadOnlyList<Guid> gone) = project.Compare(live);
        project.CatchUp([Row(Second)], live);

        Assert.Equal([_id], missed);
        Assert.Empty(gone);
        Assert.Equal(["session_updated 2"], Told(messages));
        Assert.Empty(project.Compare(live).Missed);
    }

    [Fact]
    public void A_row_older_than_the_reported_state_is_ignored()
    {
        (LiveProject project, ChannelReader<byte[]> messages) = Watched(_first);
        project.Take(News(Second));
        Dictionary<Guid, long> live = new() { [_id] = 1 };

        Assert.Empty(project.Compare(live).Missed);
        project.CatchUp([Row(_first)], live);

        Assert.Equal(["session_updated 2"], Told(messages));
    }

    [Fact]
    public void News_older_than_the_reported_state_are_ignored()
    {
        (LiveProject project, ChannelReader<byte[]> messages) = Watched(_first);
        project.Take(News(Second));
        project.Take(News(_first));

        Assert.Equal(["session_updated 2"], Told(messages));
    }

    [Fact]
    public void A_missed_end_is_reported_from_the_row()
    {
        (LiveProject project, ChannelReader<byte[]> messages) = Watched(_first);

        Assert.Equal([_id], project.Compare(new Dictionary<Guid, long>()).Gone);
        project.CatchUp([Row(Over)], new Dictionary<Guid, long>());

        Assert.Equal(["session_ended 2"], Told(messages));
    }

    [Fact]
    public void A_session_whose_start_was_missed_is_reported_as_started()
    {
        (LiveProject project, ChannelReader<byte[]> messages) = Watched();
        Dictionary<Guid, long> live = new() { [_id] = 2 };

        Assert.Equal([_id], project.Compare(live).Missed);
        project.CatchUp([Row(Second)], live);
        project.Take(News(Second.Plus(new Happened("clicked", 2))));

        Assert.Equal(["session_started 2", "session_updated 3"], Told(messages));
    }

    /// <summary>A project that is watched from when these states were the sessions' rows.</summary>
    private (LiveProject Project, ChannelReader<byte[]> Messages) Watched(params SessionState[] rows)
    {
        var project = new LiveProject(maxWaiting: 100, maxKnown: 100);
        ChannelReader<byte[]> messages = project.Add().Reader;
        project.Compare(rows.ToDictionary(_ => _id, row => (long)row.Number));
        return (project, messages);
    }

    private LiveNews News(SessionState state) => new("shop", View(state), Began: false);

    private SessionRow Row(SessionState state) => SessionRow.From(View(state));

    private Session View(SessionState state) => SessionView.Of(_id, state, Folded.Rules);

    /// <summary>Each message's name with the number of events that it tells of.</summary>
    private static List<string> Told(ChannelReader<byte[]> messages)
    {
        List<string> told = [];
        while (messages.TryRead(out byte[]? message))
        {
            string[] lines = Encoding.UTF8.GetString(message).Split('\n');
            JsonNode session = JsonNode.Parse(lines[1]["data: ".Length..])!;
            told.Add($"{lines[0]["event: ".Length..]} {(int)session["$event_count"]!}");
        }

        return told;
    }
}
