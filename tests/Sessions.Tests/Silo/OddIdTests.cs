using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace Sessions.Tests.Silo;

/// <summary>
/// Everything stored can be reached: backends that call grains directly store the same trimmed ids as the gateway does.
/// </summary>
public sealed class OddIdTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task An_id_with_a_line_break_at_its_end_equals_the_id_without_it()
    {
        TrackReceipt first = await silo.Device(_project, "ann\n").Track([Event(" looked\n", "ann\n")]);
        TrackReceipt then = await silo.Device(_project, "ann").Track([Event("looked", "ann")]);
        Session session = (await silo.Device(_project, "\tann ").GetLiveSession())!;

        Assert.Equal((EventOutcome.New, session.SessionId), (first.Events[0].Outcome, first.Events[0].SessionId));
        Assert.Equal(session.SessionId, then.Events[0].SessionId);
        Assert.Equal(("ann", 2), (session.DistinctId, session.EventCount));
        Assert.Equal(["looked"], await Texts("select distinct event from tracking.journal where project = $1"));
        Assert.Equal(["ann"], await Texts("select distinct distinct_id from tracking.journal where project = $1"));
    }

    /// <summary>A backend with an older package makes the key of the text as it is.</summary>
    [Fact]
    public async Task A_device_that_is_called_by_its_untrimmed_id_keeps_its_session()
    {
        IUserDeviceGrain device = silo.Cluster.Client.GetGrain<IUserDeviceGrain>(UserDeviceKey.OfDevice(_project, "bea "));
        await device.Track([Event("looked", "bea ")]);
        await silo.ForgetActivations();

        Session session = (await silo.Cluster.Client.GetGrain<IUserDeviceGrain>(UserDeviceKey.OfDevice(_project, "bea ")).GetLiveSession())!;

        Assert.Equal("bea", session.DistinctId);
    }

    [Theory]
    [InlineData("looked", " \u200B", DropReason.MissingDistinctId)]
    [InlineData("\n", "cid", DropReason.MissingEventName)]
    public async Task A_blank_id_is_refused_as_missing(string name, string distinctId, string reason)
    {
        EventReceipt receipt = (await silo.Device(_project, "cid").Track([Event(name, distinctId)])).Events[0];

        Assert.Equal((EventOutcome.Invalid, reason), (receipt.Outcome, receipt.Reason));
    }

    [Fact]
    public async Task Blank_device_and_window_ids_are_absent()
    {
        await silo.Device(_project, "dan").Track([Event("looked", "dan") with { DeviceId = " ", WindowId = "\n" }]);

        Assert.Equal([""], await Texts("select concat(device_id, window_id) from tracking.journal where project = $1"));
    }

    [Theory]
    [InlineData("$identify", "$anon_distinct_id")]
    [InlineData("$create_alias", "alias")]
    public async Task The_second_id_of_a_merge_event_is_stored_trimmed(string name, string property)
    {
        SessionEvent merges = Event(name, "eve") with
        {
            Properties = Encoding.UTF8.GetBytes($$"""{"a":[1, {"{{property}}":" x "}],"{{property}}":" anon-e\u0020\n" , "z":"\u00e9 "}"""),
        };
        await silo.Device(_project, "anon-e").Track([merges]);

        string kept = Assert.Single(await Texts("select properties::text from tracking.journal where project = $1"));
        var properties = JsonNode.Parse(kept)!;
        Assert.Equal("anon-e", (string?)properties[property]);
        Assert.Equal(("é ", " x "), ((string)properties["z"]!, (string)properties["a"]![1]![property]!));
    }

    [Fact]
    public async Task An_identify_with_an_untrimmed_anonymous_id_merges_both_into_one_person()
    {
        await silo.Device(_project, "anon-f").Track([Event("looked", "anon-f")]);
        await silo.Device(_project, "anon-f").Track(
            [Event("$identify", "fay") with { Properties = """{"$anon_distinct_id":"anon-f\n"}"""u8.ToArray() }]);

        Assert.Equal(
            ["anon-f", "fay"],
            await Texts("select distinct_id from tracking.ids_of_person($1, 'fay') order by distinct_id"));
    }

    private SessionEvent Event(string name, string distinctId) =>
        new() { Id = Guid.CreateVersion7(), Name = name, DistinctId = distinctId, Timestamp = Now };

    private async Task<List<string>> Texts(string query)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(query);
        command.Parameters.AddWithValue(_project);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> texts = [];
        while (await reader.ReadAsync())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
