using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Capture.Replay;
using Sessions.Domain.Replay;
using Sessions.Queries;
using Sessions.Web.Replay;

namespace Sessions.Tests.Web.Replay;

public sealed class ReplayCheckTests
{
    [Theory]
    [InlineData(2, 2, true, null)]
    [InlineData(2, 1, true, ReplayPlayability.SomeWindows)]
    [InlineData(2, 0, false, ReplayPlayability.NoFullSnapshot)]
    public async Task Of_a_session_that_knows_its_windows_Postgres_is_not_asked(int windows, int playable, bool isPlayable, string? problem)
    {
        await using NpgsqlDataSource nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1");
        var check = new ReplayCheck(new ReplayQueries(nowhere), settings: null!, Options.Create(new ReplayOptions()));
        SessionKey key = SessionKey.Create("shop", Guid.NewGuid());

        ReplayPlayability found = await check.Of(key, Recorded(new ReplayWindows(windows, playable, false)), CancellationToken.None);

        Assert.Equal((isPlayable, problem), (found.Playable, found.Problem));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => check.Of(key, Recorded(null), CancellationToken.None));
    }

    private static Session Recorded(ReplayWindows? windows) => new()
    {
        SessionId = Guid.Empty,
        StartTimestamp = default,
        EndTimestamp = default,
        DistinctId = "ann",
        EntryAdIds = new Dictionary<string, string>(),
        Status = SessionStatus.Live,
        HasReplay = true,
        ReplayWindows = windows,
    };
}
