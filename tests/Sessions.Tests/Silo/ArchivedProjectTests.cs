using Npgsql;
using Sessions.Silo.Projects;

namespace Sessions.Tests.Silo;

/// <summary>
/// An archived project refuses the events of backends too. They send no token that a gateway could refuse, so the device refuses them.
/// </summary>
public sealed class ArchivedProjectTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task Events_of_a_backend_are_refused_while_its_project_is_archived_and_taken_at_once_when_it_is_taken_back()
    {
        string project = silo.NewProject();
        await ProjectRow.Ensure(silo.Database, project, $"phc_{project}", $"sk_{project}");
        IUserDeviceGrain device = silo.Device(project, "ann");
        EventReceipt before = await Sent(device);
        await Run($"update tracking.projects set archived_at = now() where project = '{project}'");

        EventReceipt refused = before;
        await silo.Until(async () => (refused = await Sent(device)).Outcome == EventOutcome.Invalid);
        Session session = (await silo.Session(project, before.SessionId!.Value).Get())!;
        Session? ended = await device.Reset();
        EventReceipt ofAnother = await Sent(silo.Device(project, "ben"));
        await Run($"update tracking.projects set archived_at = null where project = '{project}'");
        EventReceipt after = await Sent(device);

        Assert.Equal((EventOutcome.New, null), (before.Outcome, before.Reason));
        Assert.Equal((null, DropReason.ProjectArchived), (refused.SessionId, refused.Reason));
        Assert.Equal(DropReason.ProjectArchived, ofAnother.Reason);
        // What it has can be read, and its live session ends.
        Assert.True(session.EventCount >= 1);
        Assert.Equal(before.SessionId, ended!.SessionId);
        Assert.Equal(session.EventCount, ended.EventCount);
        Assert.Equal((EventOutcome.New, null), (after.Outcome, after.Reason));
    }

    private async Task<EventReceipt> Sent(IUserDeviceGrain device) => Assert.Single((await device.Track(
        [new SessionEvent { Id = Guid.CreateVersion7(), Name = "click", DistinctId = "ann", Timestamp = silo.Clock.GetUtcNow() }])).Events);

    private async Task Run(string statement)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}
