using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database.Persons;
using Sessions.Domain.Events;
using Sessions.Queries.Persons;
using Sessions.Silo.Devices;

namespace Sessions.Tests.Silo;

/// <summary>A person is deleted while that person's sessions are in memory and other persons send events.</summary>
public sealed class PersonDeletionTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    private PersonQueries Persons => new(silo.Database, Options.Create(new PersonOptions()));

    [Fact]
    public async Task Deleting_a_person_with_a_live_session_removes_it_from_memory_and_from_every_table()
    {
        string ann = Unique("ann");
        EventReceipt live = await Track(ann, Event("looked", ann, Now));
        await Track(ann, Event("looked before", ann, Now.AddDays(-3)));

        ListedDeletion done = await Delete(ann);

        Assert.Equal((2, 2L, 0), (done.Sessions, done.Events, done.Replays));
        Assert.Null(await silo.Session(_project, live.SessionId!.Value).Get());
        Assert.Null(await silo.Device(_project, ann).GetLiveSession());
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, ann));
    }

    [Fact]
    public async Task Deleting_by_any_id_of_a_person_deletes_all_of_them()
    {
        string anonymous = Unique("anon"), ben = Unique("ben");
        await Track(anonymous, Event("looked", anonymous, Now.AddSeconds(-2)));
        await Track(anonymous, Identify(ben, anonymous, Now.AddSeconds(-1)));
        await Track(ben, Event("bought", ben, Now.AddDays(-2)));

        ListedDeletion done = await Delete(anonymous);

        Assert.Equal((2, 3L), (done.Sessions, done.Events));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, anonymous));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, ben));
    }

    /// <summary>A merge was refused because the id was somebody; that it is nobody afterwards does not make it come true.</summary>
    [Theory]
    [InlineData("$identify", -1)]
    [InlineData("$identify", 3_600)]
    [InlineData("$create_alias", -1)]
    public async Task A_refused_merge_stays_refused_when_the_person_that_prevented_it_is_deleted(
        string name, int second)
    {
        string anonymous = Unique("anon"), ann = Unique("ann"), mallory = Unique("mallory"), eve = Unique("eve");
        await Track(anonymous, Identify(ann, anonymous, Now.AddSeconds(-3)));
        await Track(mallory, Merge(name, mallory, ann, Now.AddSeconds(second)));
        await Track(mallory, Merge(name, mallory, anonymous, Now.AddSeconds(second)));

        await Delete(ann);
        await Track(ann, Event("came back", ann, Now.AddSeconds(5)));
        await Track(anonymous, Event("came back", anonymous, Now.AddSeconds(5)));

        Assert.Equal([mallory], await Persons.FindIds(_project, RequestedId.Of(mallory)!, CancellationToken.None));
        Assert.Equal([ann], await Persons.FindIds(_project, RequestedId.Of(ann)!, CancellationToken.None));
        // That she was identified is still known.
        await Track(eve, Merge(name, eve, mallory, Now.AddSeconds(6)));
        Assert.Equal([eve], await Persons.FindIds(_project, RequestedId.Of(eve)!, CancellationToken.None));
    }

    [Fact]
    public async Task A_deletion_includes_aliases_and_dangerously_merged_ids()
    {
        string ann = Unique("ann"), crm = Unique("crm"), old = Unique("old"), anonymous = Unique("anon");
        await Track(crm, Event("billed", crm, Now.AddDays(-1)));
        await Track(ann, Merge("$create_alias", ann, crm, Now.AddSeconds(-4)));
        await Track(anonymous, Identify(old, anonymous, Now.AddSeconds(-3)));
        await Track(ann, Merge("$merge_dangerously", ann, old, Now.AddSeconds(-2)));

        await Delete(anonymous);

        foreach (string id in (string[])[ann, crm, old, anonymous])
        {
            Assert.Empty(await DatabaseText.TablesWith(silo.Database, id));
            Assert.Equal(DropReason.PersonDeleted, (await Track(id, Event("offline", id, Now.AddDays(-1)))).Reason);
        }
    }

    [Fact]
    public async Task Events_from_before_a_deletion_are_refused_and_later_events_start_anew()
    {
        string cid = Unique("cid");
        string session = Guid.CreateVersion7().ToString();
        SessionEvent before = Event("looked", cid, Now) with { SessionId = session };
        await Track(cid, before);
        await Track(cid, before with { Id = Guid.CreateVersion7() });
        await Delete(cid);

        EventReceipt again = await Track(cid, before);
        EventReceipt late = await Track(cid, Event("offline", cid, Now.AddDays(-1)));
        EventReceipt later = await Track(cid, Event("came back", cid, Now.AddSeconds(1)) with { SessionId = session });

        Assert.Equal((EventOutcome.Invalid, DropReason.PersonDeleted), (again.Outcome, again.Reason));
        Assert.Equal((EventOutcome.Invalid, DropReason.PersonDeleted), (late.Outcome, late.Reason));
        Assert.Equal(EventOutcome.New, later.Outcome);
        Assert.Equal(1, (await silo.Session(_project, Guid.Parse(session)).Get())!.EventCount);
        await silo.ForgetActivations();
        Assert.Equal(1, (await silo.Session(_project, Guid.Parse(session)).Get())!.EventCount);
        Assert.Equal(EventOutcome.New, (await Track(cid, Event("goes on", cid, Now.AddSeconds(2)) with { SessionId = session })).Outcome);
    }

    [Fact]
    public async Task A_reminder_tick_after_a_deletion_does_not_store_the_device_again()
    {
        string dan = Unique("dan");
        await Track(dan, Event("looked", dan, Now));
        await Delete(dan);

        await silo.Device(_project, dan).AsReference<IRemindable>().ReceiveReminder("idle", default);

        Assert.Empty(await DatabaseText.TablesWith(silo.Database, dan));
    }

    [Fact]
    public async Task A_device_refuses_a_session_handed_over_from_a_person_deleted_meanwhile()
    {
        string anonymous = Unique("anon"), eve = Unique("eve");
        await Track(anonymous, Event("looked", anonymous, Now));
        await Delete(anonymous);
        IDeviceHeir heir = silo.Device(_project, eve).AsReference<IDeviceHeir>();

        Assert.False(await heir.Expect(erasureGeneration: 0));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, eve));
        Assert.True(await heir.Expect(silo.Forgotten.Generation));
        Assert.NotEmpty(await DatabaseText.TablesWith(silo.Database, eve));
    }

    [Fact]
    public async Task A_person_who_comes_back_can_be_deleted_again()
    {
        string dan = Unique("dan");
        string session = Guid.CreateVersion7().ToString();
        await Track(dan, Event("looked", dan, Now) with { SessionId = session });
        await Delete(dan);
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        await Track(dan, Event("came back", dan, Now) with { SessionId = session });

        ListedDeletion done = await Delete(dan);

        Assert.Equal((1, 1L), (done.Sessions, done.Events));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, dan));
    }

    [Fact]
    public async Task In_a_shared_session_the_others_events_stay_and_the_session_is_recounted_from_them()
    {
        string eve = Unique("eve"), shop = Unique("shop");
        string session = Guid.CreateVersion7().ToString();
        await Track(eve, Page("/secret", eve, Now.AddSeconds(-3)) with { SessionId = session });
        await Track(shop, Page("/paid", shop, Now.AddSeconds(-2)) with { SessionId = session });
        await Track(eve, Page("/thanks", eve, Now.AddSeconds(-1)) with { SessionId = session });
        string named = Unique("only hers");
        await Track(eve, Page("/paid", eve, Now.AddSeconds(-2)) with { SessionId = session, Name = named });
        await Track(eve, Page("/paid", eve, Now.AddSeconds(-1)) with { SessionId = session, Name = "$rageclick" });

        ListedDeletion done = await Delete(eve);

        Assert.Equal((0, 4L), (done.Sessions, done.Events));
        Session left = (await silo.Session(_project, Guid.Parse(session)).Get())!;
        Assert.Equal((1, "/paid", "/paid", shop), (left.EventCount, left.EntryPathname, left.ExitPathname, left.DistinctId));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, eve));
        Assert.Equal(["$pageview"], left.EventNames);
        Assert.Equal(0, left.RageClickCount);
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, "/secret"));
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, named));
        // Whose it is now looks after it.
        Assert.Equal(Guid.Parse(session), (await silo.Device(_project, shop).GetLiveSession())!.SessionId);
        await silo.Until(async () => (await silo.Session(_project, Guid.Parse(session)).Get())!.Status == SessionStatus.Ended, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Pending_webhook_deliveries_of_a_deleted_person_are_removed_and_those_of_others_stay()
    {
        string fay = Unique("fay"), shop = Unique("shop"), alone = Guid.CreateVersion7().ToString(), shared = Guid.CreateVersion7().ToString();
        await Track(fay, Event("looked", fay, Now.AddSeconds(-3)) with { SessionId = alone });
        await Track(fay, Event("looked", fay, Now.AddSeconds(-2)) with { SessionId = shared });
        await Track(shop, Event("paid", shop, Now.AddSeconds(-1)) with { SessionId = shared });
        Guid webhook = Guid.CreateVersion7();
        await Do($"insert into tracking.projects (project, token, api_key_sha256) values ('{_project}', 'of-{_project}', '')");
        await Do(
            "insert into tracking.webhooks (id, project, url, events, active, secret) "
            + $"values ('{webhook}', '{_project}', 'https://a.example/', '{{session.started}}', false, 's')");
        foreach ((string session, string person, string state) in new[]
            { (alone, fay, "pending"), (alone, fay, "dead"), (shared, fay, "pending"), (shared, shop, "pending"), (shared, shop, "dead") })
        {
            await Do(
                "insert into tracking.webhook_deliveries (webhook_id, id, type, session_id, version, state, settled_at, payload) "
                + $"values ('{webhook}', gen_random_uuid(), 'session.started', '{session}', 1, '{state}', "
                + $"case '{state}' when 'dead' then now() end, json_build_object('data', json_build_object('distinct_id', '{person}')))");
        }

        await Delete(fay);

        Assert.Empty(await DatabaseText.TablesWith(silo.Database, fay));
        Assert.Equal(2, await Ask<long>($"select count(*) from tracking.webhook_deliveries where webhook_id = '{webhook}'"));
    }

    [Fact]
    public async Task A_person_with_the_same_id_in_another_project_is_kept()
    {
        string fay = Unique("fay"), other = silo.NewProject();
        TrackReceipt theirs = await silo.Device(other, fay).Track([Event("looked", fay, Now)]);
        await Track(fay, Event("looked", fay, Now));

        await Delete(fay);

        Assert.NotNull(await silo.Session(other, theirs.Events[0].SessionId!.Value).Get());
        Assert.Equal(EventOutcome.New, (await silo.Device(other, fay).Track([Event("looked", fay, Now)])).Events[0].Outcome);
    }

    [Fact]
    public async Task A_deletion_under_traffic_removes_all_earlier_events_and_touches_nobody_else()
    {
        string gus = Unique("gus");
        string[] others = [.. Enumerable.Range(0, 10).Select(i => Unique($"other{i}"))];
        string shared = Guid.CreateVersion7().ToString();
        DateTimeOffset begun = Now;
        using var stop = new CancellationTokenSource();
        // Waited for without the clock, which would run days ahead in a moment: their events would then be too old.
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int taken = 0, theirs = 0, place = 0;
        Task[] senders = [.. others.Concat(Enumerable.Repeat(gus, 6)).Select(async who =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Of every kind: placed by the server, in a session of their own, and in one that all share.
                int kind = Interlocked.Increment(ref place) % 3;
                SessionEvent happened = Event("did", who, begun.AddMilliseconds(place % 1_000)) with
                {
                    SessionId = kind == 0 ? null : kind == 1 ? shared : Guid.CreateVersion7().ToString(),
                };
                // An event that can't be taken now is sent again, as SDKs do.
                EventReceipt? receipt = null;
                while (receipt is null)
                {
                    try
                    {
                        receipt = await Track(who, happened);
                    }
                    catch (SessionsUnavailableException)
                    {
                        await Task.Yield();
                    }
                }

                if (receipt.Outcome != EventOutcome.Invalid)
                {
                    Interlocked.Increment(ref who == gus ? ref theirs : ref taken);
                    if (Volatile.Read(ref taken) > 20 && Volatile.Read(ref theirs) > 0)
                    {
                        underWay.TrySetResult();
                    }
                }
            }
        })];
        await underWay.Task.WaitAsync(TimeSpan.FromMinutes(1));

        ListedDeletion done = await Delete(gus, until: begun.AddSeconds(1));

        await stop.CancelAsync();
        await Task.WhenAll(senders);
        Assert.True(done.Events > 0);
        Assert.Empty(await DatabaseText.TablesWith(silo.Database, gus));
        Assert.Equal(taken, await Ask<long>($"select count(*) from tracking.journal where project = '{_project}' and kind in (0, 1)"));
        await silo.Until(async () => await Ask<long>(
            $"""
            select count(*)
            from   tracking.sessions s
            where  project = '{_project}'
              and  event_count <> (select count(*) from tracking.journal j where j.project = s.project and j.session_id = s.session_id and j.kind in (0, 1))
            """) == 0);
    }

    [Fact]
    public async Task A_deletion_is_done_only_when_every_copy_was_written_anew()
    {
        string hal = Unique("hal");
        await Track(hal, Event("looked", hal, Now));
        await Do($"with holder as (insert into tracking.copy_holders (holder, name) values (gen_random_uuid(), 'a test') returning holder) insert into tracking.copies select '{_project}', holder, '0' from holder");
        Task<ListedDeletion> deleting = Delete(hal);
        await silo.Until(async () => await Ask<long>($"select count(*) from tracking.person_deletions where project = '{_project}' and removed_in is not null") == 1);

        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.journal where project = '{_project}' and distinct_id = '{hal}'"));
        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.person_deletions where project = '{_project}' and finished_at is not null"));
        await Do($"update tracking.copies set clean_from = (select (removed_in::text::bigint + 1)::text::xid8 from tracking.person_deletions where project = '{_project}') where project = '{_project}'");

        Assert.Equal(1, (await deleting).Events);
    }

    [Fact]
    public async Task A_holder_of_a_copy_that_is_away_is_forgotten_and_not_waited_for()
    {
        string ivy = Unique("ivy");
        await Track(ivy, Event("looked", ivy, Now));
        await Do($"with holder as (insert into tracking.copy_holders values (gen_random_uuid(), '{ivy}-holder', now() - interval '16 minutes') returning holder) insert into tracking.copies select '{_project}', holder, '0' from holder");

        await Delete(ivy);

        Assert.Equal(0, await Ask<long>($"select count(*) from tracking.copies where project = '{_project}'"));
    }

    private static string Unique(string name) => $"{name}-{Guid.NewGuid():N}";

    private static SessionEvent Event(string name, string distinctId, DateTimeOffset time) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        Timestamp = time,
        DistinctId = distinctId,
    };

    private static SessionEvent Page(string path, string distinctId, DateTimeOffset time) => Event("$pageview", distinctId, time) with
    {
        Properties = Encoding.UTF8.GetBytes($$"""{"$current_url":"https://example.org{{path}}"}"""),
    };

    private static SessionEvent Identify(string person, string anonymous, DateTimeOffset time) => Event("$identify", person, time) with
    {
        Properties = Encoding.UTF8.GetBytes($$"""{"$anon_distinct_id":"{{anonymous}}"}"""),
    };

    private static SessionEvent Merge(string name, string person, string other, DateTimeOffset time) => Event(name, person, time) with
    {
        Properties = Encoding.UTF8.GetBytes($$"""{"{{(name == "$identify" ? "$anon_distinct_id" : "alias")}}":"{{other}}"}"""),
    };

    private async Task<EventReceipt> Track(string device, SessionEvent happened) =>
        (await silo.Device(_project, device).Track([happened])).Events[0];

    private async Task<ListedDeletion> Delete(string distinctId, DateTimeOffset? until = null)
    {
        (Guid id, _) = (await Persons.Delete(
            _project, RequestedId.Of(distinctId)!, until ?? Now, _ => new AuditRecord("a test", null, "api", "person.delete", null, null, "done"), CancellationToken.None))!.Value;
        ListedDeletion? found = null;
        await silo.Until(async () => (found = await Persons.FindDeletion(_project, id, CancellationToken.None))!.State == DeletionState.Done);
        return found!;
    }

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
}
