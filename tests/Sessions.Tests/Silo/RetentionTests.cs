using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database.Time;
using Sessions.Silo.Replay;
using Sessions.Silo.Retention;

namespace Sessions.Tests.Silo;

/// <summary>
/// Data past a project's retention: old events are refused and old days are removed. Days are removed in steps, so the
/// effect of a wrong clock or a wrong setting can be undone for a day.
/// </summary>
public sealed class RetentionTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task An_event_older_than_the_projects_retention_is_dropped_as_too_old()
    {
        string project = await NewProject(retentionDays: 30);
        DateTimeOffset now = silo.Clock.GetUtcNow();

        TrackReceipt receipt = await silo.Device(project, "d").Track([EventAt(now.AddDays(-31)), EventAt(now.AddDays(-29))]);

        Assert.Equal((EventOutcome.Invalid, DropReason.TooOld), (receipt.Events[0].Outcome, receipt.Events[0].Reason));
        Assert.Equal(EventOutcome.New, receipt.Events[1].Outcome);
    }

    [Fact]
    public async Task A_project_without_a_retention_accepts_events_of_any_age()
    {
        string project = await NewProject(retentionDays: 0);

        TrackReceipt receipt = await silo.Device(project, "d").Track([EventAt(silo.Clock.GetUtcNow().AddYears(-20))]);

        Assert.Equal(EventOutcome.New, receipt.Events[0].Outcome);
    }

    [Fact]
    public async Task A_day_is_removed_with_its_sessions_when_the_retention_of_all_its_projects_is_over()
    {
        DateOnly day = Today.AddDays(-40);
        string one = await NewProject(retentionDays: 30), other = await NewProject(retentionDays: 38);
        await HaveSessionOf(day, one);
        await HaveSessionOf(day, other);

        await SweepToTheEnd();

        Assert.False(await HasPartition(day));
        Assert.Equal(0, await SessionsOf(day));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, $"{one}-visitor"));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, $"{other}-visitor"));
    }

    [Fact]
    public async Task It_is_known_of_a_project_without_sessions_that_retention_has_taken_them()
    {
        DateOnly day = Today.AddDays(-42);
        string emptied = await NewProject(retentionDays: 30), part = await NewProject(retentionDays: 30), longer = await NewProject(retentionDays: 60), never = await NewProject(retentionDays: 30);
        foreach (string project in (string[])[emptied, part, longer, never])
        {
            await silo.Database.CreateCommand($"insert into tracking.projects (project, token, api_key_sha256) values ('{project}', '{project}', '') on conflict do nothing").ExecuteNonQueryAsync();
        }

        await HaveSessionOf(day, emptied);
        await SweepToTheEnd();
        // A day that another project keeps is taken in parts.
        await HaveSessionOf(day, part);
        await HaveSessionOf(day, longer);
        await SweepToTheEnd();

        bool[] had = await Task.WhenAll(((string[])[emptied, part, longer, never]).Select(HasAny));
        Assert.Equal([true, true, false, false], had);
        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.sessions where project in ('{emptied}', '{part}')"));

        Task<bool> HasAny(string project) => Ask<bool>($"select had_sessions from tracking.projects where project = '{project}'");
    }

    [Fact]
    public async Task Each_project_keeps_a_day_for_its_own_retention()
    {
        DateOnly day = Today.AddDays(-50);
        string shorter = await NewProject(retentionDays: 30), longer = await NewProject(retentionDays: 60);
        await HaveSessionOf(day, shorter);
        await HaveSessionOf(day, longer);

        await SweepToTheEnd();

        Assert.True(await HasPartition(day));
        Assert.Equal(1, await SessionsOf(day));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, $"{shorter}-visitor"));
        Assert.Contains("tracking.sessions", await DatabaseText.TablesWith(silo.Database, $"{longer}-visitor"));
    }

    [Fact]
    public async Task A_projects_part_of_an_expired_day_stays_while_one_of_its_sessions_of_that_day_is_live()
    {
        DateOnly day = Today.AddDays(-51);
        await HaveSessionOf(day, await NewProject(retentionDays: 30), status: "live");
        await HaveSessionOf(day, await NewProject(retentionDays: 60));

        await SweepToTheEnd();

        Assert.Equal(2, await SessionsOf(day));
    }

    [Fact]
    public async Task An_expired_day_stays_while_one_of_its_sessions_is_live()
    {
        DateOnly day = Today.AddDays(-60);
        await HaveSessionOf(day, await NewProject(retentionDays: 30), status: "live");

        await SweepToTheEnd();

        Assert.True(await HasPartition(day));
    }

    [Fact]
    public async Task A_day_is_detached_when_two_sweeps_an_hour_apart_agree_and_dropped_a_day_later()
    {
        DateOnly day = Today.AddDays(-80);
        await HaveSessionOf(day, await NewProject(retentionDays: 30));

        await Sweep();
        await Sweep();
        Assert.True(await IsAttached(day), "It has been due for a moment only.");

        await Age("agreed_at", "1 hour");
        await Sweep();
        await Sweep();
        Assert.False(await IsAttached(day), "It has been due for an hour.");
        Assert.True(await HasPartition(day), "It was detached just now.");
        Assert.Equal(0, await SessionsOf(day));

        await Age("detached_at", "1 day");
        await Sweep();
        Assert.False(await HasPartition(day), "It was detached a day ago.");
    }

    [Fact]
    public async Task A_detached_day_returns_with_its_sessions_when_a_project_extends_its_retention()
    {
        DateOnly day = Today.AddDays(-81);
        string project = await NewProject(retentionDays: 30);
        await HaveSessionOf(day, project);
        await Sweep();
        await Age("agreed_at", "1 hour");
        await Sweep();
        Assert.Equal(0, await SessionsOf(day));

        await silo.Cluster.Client.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Update(new ProjectChange { RetentionDays = 365 });
        await Sweep();

        Assert.True(await IsAttached(day));
        Assert.Equal(1, await SessionsOf(day));
        Assert.Equal(1, await Ask<long>($"select count(*) from tracking.replays where project = '{project}' and number = 1"));
        Assert.Equal(3, await Ask<long>($"select count(*) from tracking.journal where project = '{project}'"));
        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.leaving_days where day = '{day:yyyy-MM-dd}'"));
    }

    [Fact]
    public async Task A_projects_expired_part_of_a_day_is_deleted_one_day_after_it_was_due()
    {
        DateOnly day = Today.AddDays(-52);
        string shorter = await NewProject(retentionDays: 30);
        await HaveSessionOf(day, shorter);
        await HaveSessionOf(day, await NewProject(retentionDays: 60));

        await Sweep();
        await Age("agreed_at", "1 hour");
        await Sweep();
        Assert.Equal(2, await SessionsOf(day));

        await silo.Cluster.Client.GetGrain<IProjectGrain>(ProjectKey.Create(shorter)).Update(new ProjectChange { RetentionDays = 365 });
        await Sweep();
        await silo.Cluster.Client.GetGrain<IProjectGrain>(ProjectKey.Create(shorter)).Update(new ProjectChange { RetentionDays = 30 });
        await Sweep();
        Assert.Equal(2, await SessionsOf(day));

        await Age("agreed_at", "1 day");
        await Sweep();
        Assert.Equal(1, await SessionsOf(day));
    }

    [Fact]
    public async Task A_silo_whose_clock_disagrees_with_Postgres_removes_nothing()
    {
        DateOnly day = Today.AddDays(-90);
        await HaveSessionOf(day, await NewProject(retentionDays: 30));
        RetentionSweep sweep = new(
            Service<JournalDays>(), new Disagreeing(), silo.Cluster.Client, TimeProvider.System, Options.Create(new RetentionOptions()), NullLogger<RetentionSweep>.Instance);

        await sweep.Sweep();

        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.leaving_days where day = '{day:yyyy-MM-dd}'"));
    }

    [Fact]
    public async Task A_deleted_person_is_erased_from_a_detached_day_too()
    {
        DateOnly day = Today.AddDays(-91);
        string project = await NewProject(retentionDays: 30);
        await HaveSessionOf(day, project);
        await Sweep();
        await Age("agreed_at", "1 hour");
        await Sweep();

        await Do(
            $"""
            insert into tracking.person_deletions (id, project, until, person, ids)
            values (gen_random_uuid(), '{project}', now() + interval '1 day', 'x', array['{project}-visitor', '{project}-visitor-anonymous'])
            """);
        await Do($"update tracking.person_deletions set ids = null, finished_at = now() where project = '{project}'");

        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.leaving_sessions where project = '{project}'"));
        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.journal_{day:yyyyMMdd} where kind <> 2"));
    }

    [Fact]
    public async Task The_retention_sweep_and_the_replay_sweep_can_run_at_once()
    {
        await HaveSessionOf(Today.AddDays(-95), await NewProject(retentionDays: 30));
        await Do($"select tracking.ensure_replay_partitions('{Today.AddDays(-95):yyyy-MM-dd}', 0)");
        await Sweep();
        await Age("agreed_at", "1 hour");
        await Sweep();
        await Age("detached_at", "1 day");

        await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Sweep())
                .Concat(Enumerable.Range(0, 4).Select(_ => Service<ReplayStore>().DropEmptyDays(Today.AddDays(-2)))));
        // One that was not let in leaves it to the next.
        await Sweep();

        Assert.False(await Ask<bool>($"select to_regclass('tracking.replay_blocks_{Today.AddDays(-95):yyyyMMdd}') is not null"));
    }

    [Fact]
    public async Task A_sweep_skips_a_listed_day_that_another_sweep_has_dropped() =>
        Assert.Null(await Service<JournalDays>().ProjectsOf(Today.AddDays(-4_000)));

    [Fact]
    public async Task A_drop_that_a_crash_interrupted_is_finished_by_the_next_sweep()
    {
        DateOnly day = Today.AddDays(-70);
        await HaveSessionOf(day, await NewProject(retentionDays: 30));
        await Do($"alter table tracking.journal detach partition tracking.journal_{day:yyyyMMdd}");

        await SweepToTheEnd();

        Assert.False(await HasPartition(day));
        Assert.Equal(0, await SessionsOf(day));
    }

    /// <summary>Of who was identified long ago and still comes, it is still known.</summary>
    [Fact]
    public async Task Merges_are_kept_while_one_of_their_ids_has_a_session_and_refused_merges_stay_refused()
    {
        DateOnly day = Today.AddDays(-80);
        string project = await NewProject(retentionDays: 30);
        string visitor = $"{project}-visitor", gone = $"{project}-gone";
        await Identify(project, gone, $"{gone}-anonymous");
        await HaveSessionOf(day, project);
        // Later than the end of the session that became an old one.
        await silo.Device(project, visitor).Track([EventAt(silo.Clock.GetUtcNow().AddSeconds(1)) with { DistinctId = visitor }]);
        await Identify(project, $"{project}-mallory", visitor);
        await Identify(project, $"{project}-eve", gone);

        await SweepToTheEnd();

        Assert.Equal([visitor, $"{visitor}-anonymous"], await IdsOf(project, visitor));
        Assert.Equal([$"{project}-mallory"], await IdsOf(project, $"{project}-mallory"));
        Assert.Equal([$"{project}-eve"], await IdsOf(project, $"{project}-eve"));
        Assert.Equal([gone], await IdsOf(project, gone));
        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.identities where project = '{project}' and born = '{day:yyyy-MM-dd}'"));
        await Identify(project, $"{project}-mallory", visitor);
        Assert.Equal([$"{project}-mallory"], await IdsOf(project, $"{project}-mallory"));
    }

    private Task Identify(string project, string person, string anonymous) => silo.Device(project, person).Track(
    [
        EventAt(silo.Clock.GetUtcNow()) with
        {
            Name = "$identify",
            DistinctId = person,
            DeviceId = person,
            Properties = Encoding.UTF8.GetBytes($$"""{"$anon_distinct_id":"{{anonymous}}"}"""),
        },
    ]);

    private async Task<string[]> IdsOf(string project, string id) =>
        await Ask<string[]>($"select array(select distinct_id from tracking.ids_of_person('{project}', '{id}') order by distinct_id)");

    private DateOnly Today => DateOnly.FromDateTime(silo.Clock.GetUtcNow().UtcDateTime);

    private static SessionEvent EventAt(DateTimeOffset time) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = "$pageview",
        Timestamp = time,
        DistinctId = "d",
    };

    private async Task<string> NewProject(int retentionDays)
    {
        string project = silo.NewProject();
        await silo.Cluster.Client.GetGrain<IProjectGrain>(ProjectKey.Create(project)).Update(new ProjectChange { RetentionDays = retentionDays });
        return project;
    }

    /// <summary>A session as it would be had it been born on that day and ended since.</summary>
    private async Task HaveSessionOf(DateOnly day, string project, string status = "ended")
    {
        // One who was anonymous, is identified, and was recorded.
        string visitor = $"{project}-visitor", session = Guid.CreateVersion7().ToString();
        DateTimeOffset now = silo.Clock.GetUtcNow();
        await silo.Device(project, visitor).Track(
        [
            EventAt(now) with { DistinctId = $"{visitor}-anonymous", DeviceId = visitor, SessionId = session },
            EventAt(now) with
            {
                Name = "$identify",
                DistinctId = visitor,
                DeviceId = visitor,
                SessionId = session,
                Properties = Encoding.UTF8.GetBytes($$"""{"$anon_distinct_id":"{{visitor}}-anonymous"}"""),
            },
        ]);
        await silo.Device(project, visitor).Reset();
        await Do(
            $"""
            insert into tracking.replays (project, session_id, number, first_url)
            values ('{project}', '{session}', 1, 'https://example.org/{visitor}')
            """);
        await Do($"select tracking.ensure_partitions('{day:yyyy-MM-dd}', 0)");
        await Do($"update tracking.identities set born = '{day:yyyy-MM-dd}' where project = '{project}'");
        await Do($"update tracking.journal set born = '{day:yyyy-MM-dd}' where project = '{project}'");
        await Do(
            $"""
            update tracking.sessions
            set born = '{day:yyyy-MM-dd}', status = '{status}', end_reason = {(status == "live" ? "null" : "'idle'")}
            where project = '{project}'
            """);
    }

    private T Service<T>()
        where T : notnull => silo.Cluster.GetSiloServiceProvider(silo.Cluster.Silos[0].SiloAddress).GetRequiredService<T>();

    private Task Sweep() => Service<RetentionSweep>().Sweep();

    /// <summary>As many sweeps as it takes until what is due is gone, as if an hour and then a day went by in between.</summary>
    private async Task SweepToTheEnd()
    {
        await Sweep();
        await Age("agreed_at", "1 day");
        await Sweep();
        await Age("detached_at", "1 day");
        await Sweep();
    }

    private Task Age(string what, string by) => Do($"update tracking.leaving_days set {what} = {what} - interval '{by}'");

    private async Task<bool> IsAttached(DateOnly day) => await Ask<bool>(
        $"select exists (select from pg_inherits where inhrelid = to_regclass('tracking.journal_{day:yyyyMMdd}'))");

    private async Task<bool> HasPartition(DateOnly day) =>
        await Ask<bool>($"select to_regclass('tracking.journal_{day:yyyyMMdd}') is not null");

    private async Task<long> SessionsOf(DateOnly day) =>
        await Ask<long>($"select count(*) from tracking.sessions where born = '{day:yyyy-MM-dd}'");

    private async Task Do(string sql)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<T> Ask<T>(string sql)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A clock that is not the store's.</summary>
    private sealed class Disagreeing : IStoreClock
    {
        public Task<DateOnly?> Today() => Task.FromResult<DateOnly?>(null);
    }
}
