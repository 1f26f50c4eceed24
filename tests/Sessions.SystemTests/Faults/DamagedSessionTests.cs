using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>Stored sessions that can't be read affect no other, and no silo.</summary>
[Collection(Lane.Broken)]
public sealed class DamagedSessionTests(FaultCluster cluster)
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Damaged_states_lose_nothing_and_a_damaged_journal_costs_only_its_own_entries()
    {
        using Gateway gateway = cluster.Cluster.Gateway();
        string visitor = Events.NewDistinctId("damaged"), session = Events.NewSessionId();
        await gateway.Track(Events.Event("$pageview", visitor, session), Events.Event("looked", visitor, session));
        // Whose journal is gone as a whole, and whose device names no session.
        string lost = Events.NewDistinctId("lost");
        await gateway.Track(Events.Event("$pageview", lost), Events.Event("looked", lost));
        string lostSession = (string)(await gateway.LiveSession(lost))!["$session_id"]!;

        await Scenario.Play(cluster, "stored sessions are damaged, and every silo is killed", seed: 72, async random =>
        {
            await Wait.For(async () => await Of("select count(*) from tracking.sessions where distinct_id = any($1) and event_count = 2", visitor, lost) == 2, "the rows do not follow", Bound);
            RunningProcess[] silos = cluster.Silos;
            Array.ForEach(silos, silo => Signals.Kill9(silo.Pid));
            await Of("with damaged as (update tracking.journal set kind = 99 where session_id = $1::uuid and number = 2 returning 1) select count(*) from damaged", session);
            await Of("with damaged as (update tracking.journal set received_at = 'infinity' where session_id = $1::uuid returning 1) select count(*) from damaged", lostSession);
            // A third of all states, those of the visitors among them.
            long damaged = await Of(
                """
                with damaged as (
                    update tracking.sessions
                    set    fold = case hashtext(session_id::text) & 3 when 0 then '' when 1 then 'garbage' when 2 then substring(fold for length(fold) / 2) else '{}' end::bytea
                    where  hashtext(session_id::text) % 3 = 0 or session_id in ($1::uuid, $2::uuid)
                    returning 1
                )
                select count(*) from damaged
                """,
                session,
                lostSession);
            Assert.InRange(damaged, 3, long.MaxValue);
            await cluster.IsBack(silos);
        });

        await gateway.Track(Events.Event("again", visitor, session));
        Assert.Equal(2, (int?)(await gateway.Session(session))!["$event_count"]);
        await gateway.Track(Events.Event("again", lost));
        // On a busy machine it has idled meanwhile, and this is another.
        Assert.Equal(1, (int?)(await gateway.LiveSession(lost))!["$event_count"]);
        string[] said = [.. (await Task.WhenAll(cluster.Silos.Select(silo => cluster.Cluster.LogOf(silo.Name)))).SelectMany(lines => lines)];
        foreach (string named in (string[])[session, lostSession])
        {
            Assert.Single(said, line => line.Contains($"journal entries of session {named}", StringComparison.Ordinal));
        }
    }

    private async Task<long> Of(string sql, params string[] parameters)
    {
        await using NpgsqlCommand command = cluster.Owner.CreateCommand(sql);
        if (sql.Contains("any($1)", StringComparison.Ordinal))
        {
            command.Parameters.AddWithValue(parameters);
        }
        else
        {
            Array.ForEach(parameters, parameter => command.Parameters.AddWithValue(parameter));
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }
}
