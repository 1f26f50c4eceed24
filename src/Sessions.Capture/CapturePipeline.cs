using Microsoft.AspNetCore.Http;
using Sessions.Capture.Body;
using Sessions.Capture.Cookieless;
using Sessions.Capture.Disk;
using Sessions.Capture.Filtering;
using Sessions.Capture.Parsing;
using Sessions.Capture.Quotas;
using Sessions.Capture.Replay;
using Sessions.Capture.Tracking;
using Sessions.Client.Projects;
using Sessions.Domain.Quotas;
using Sessions.Domain.Storage;
using Sessions.Domain.Time;

namespace Sessions.Capture;

/// <summary>
/// The steps that events and recordings pass in a gateway, in order. A step can refuse the whole request: the answer has the
/// status, and <c>sessions.capture.refused</c> counts it. It can drop single events: the answer names the reason, and
/// <c>sessions.capture.dropped</c> counts it. It can warn: the event is kept, and the answer says what is different. The
/// comment of each step lists its statuses and reasons.
/// </summary>
internal sealed class CapturePipeline(
    Admission admission,
    DiskWatch disk,
    BodyBudget budget,
    BodyReader reader,
    CaptureParser parser,
    SnapshotParser snapshotParser,
    UnknownTokens unknownTokens,
    ProjectCache<ReplaySettings> replaySettings,
    ProjectCache<EventFilter> filters,
    ProjectCache<QuotaLimits> projectLimits,
    ProjectQuotas quotas,
    CookielessEvents cookieless,
    ReplayBlockWriter blockWriter,
    DeviceTracker devices,
    ClientAddress client,
    CaptureOptions options,
    CaptureMetrics metrics,
    TimeProvider time)
{
    /// <summary>
    /// Makes the events of a request durable. A body that has arrived in full is processed even when its sender has
    /// disconnected, because a closed page can't send it again.
    /// </summary>
    /// <exception cref="CaptureRefusedException">The request is refused.</exception>
    public async Task<CaptureOutcome> TakeEvents(HttpRequest request)
    {
        // Check. Refuses: 503 while the gateway has too many requests or events on their way to the grains, and while the disk
        // is nearly full.
        admission.Check();
        CheckDisk();

        // Read and parse. Refuses: 400, 401 (token), 413, 503 (no memory left, too slow, tokens not loaded yet, or an unknown one
        // that can't be looked up now).
        // Drops: not_an_object, too_large, missing_event_name, snapshot_on_event_path, cookieless_identify,
        // missing_distinct_id, invalid_uuid, too_deep, invalid_properties. Warns: invalid_session_id,
        // generic_device_id.
        using BodyShare share = new(budget);
        CaptureVerdict verdict = await ReadEvents(request, share);
        if (verdict is not CaptureVerdict.Taken batch)
        {
            return CaptureOutcome.Refused((CaptureVerdict.Refused)verdict);
        }

        share.Take(batch.Bytes);

        // Filter. Refuses: 503 while the project's settings can't be read. Drops: bot, internal.
        batch = (await SettingsOf(filters, batch.Project)).Apply(batch);
        if (batch.Events.Count == 0)
        {
            return CaptureOutcome.AllFiltered(batch.Dropped);
        }

        // Count. Refuses: 429 over the project's quota.
        QuotaUse asked = QuotaUse.OfEvents(batch.Events.Count, batch.Bytes);
        quotas.Check(batch.Project, await SettingsOf(projectLimits, batch.Project), asked, "events");

        // Give cookieless visitors their ids. Refuses: 503 while the day's salt can't be read. Drops: cookieless_too_old.
        // Warns: cookieless_session.
        batch = await cookieless.Resolve(batch, request);

        // Enter. Refuses: 503, as above.
        using Admission.Stay stay = admission.Enter(batch.Events.Count);

        CaptureOutcome outcome = await Track(batch);
        quotas.Count(batch.Project, asked with { Events = outcome.Kept });
        return outcome;
    }

    /// <summary>
    /// Makes the recordings of a request durable: first their blocks, then their summaries as events. A block whose
    /// summary never arrives does not count, and a sweep deletes it after a day.
    /// </summary>
    /// <exception cref="CaptureRefusedException">The request is refused.</exception>
    public async Task<CaptureOutcome> TakeRecordings(HttpRequest request)
    {
        // Check. Refuses: 503, as above.
        admission.Check();

        // Read and parse. Refuses: 400, 401, 413, 503. Drops: not_an_object, missing_event_name, event_on_replay_path,
        // missing_distinct_id, invalid_uuid, invalid_session_id, missing_session_id, missing_snapshot_data,
        // cookieless_session, invalid_snapshot.
        using BodyShare share = new(budget);
        ParsedSnapshots snapshots = await ReadSnapshots(request, share);
        CaptureVerdict.Taken batch = snapshots.Taken;
        if (batch.Events.Count == 0)
        {
            return new CaptureOutcome(CaptureRefusal.Malformed("The body holds no usable snapshot."), batch.Dropped, []);
        }

        // Check that the project records. Refuses: 503 while its settings can't be read. Drops: replay_disabled.
        if (!(await SettingsOf(replaySettings, batch.Project)).Enabled)
        {
            return CaptureOutcome.AllDropped(batch, CaptureReason.ReplayDisabled);
        }

        // Check the disk. Drops: disk_low. A disk may be low for days, so nobody should keep the recordings and send them again.
        if (disk.Level != DiskLevel.Enough)
        {
            return CaptureOutcome.AllDropped(batch, CaptureReason.DiskLow);
        }

        // Filter. Refuses and drops as above.
        batch = (await SettingsOf(filters, batch.Project)).Apply(batch);
        if (batch.Events.Count == 0)
        {
            return CaptureOutcome.AllFiltered(batch.Dropped);
        }

        // Count. Refuses: 429, as above. A recording is bytes, and no events.
        ReplayBlock[] blocks = [.. batch.Events.Select(snapshot => snapshots.Blocks[snapshot.Index])];
        QuotaUse asked = QuotaUse.OfRecordings(blocks.Length, blocks.Sum(block => (long)block.Data.Length));
        quotas.Check(batch.Project, await SettingsOf(projectLimits, batch.Project), asked, "recordings");

        // Enter. Refuses: 503, as above.
        using Admission.Stay stay = admission.Enter(batch.Events.Count);

        // Store the blocks. Refuses: 503 while Postgres can't be written.
        await Store(blocks);
        quotas.Count(batch.Project, asked);

        return await Track(batch);
    }

    /// <exception cref="CaptureRefusedException">The disk is nearly full: 503.</exception>
    private void CheckDisk()
    {
        if (disk.Level == DiskLevel.Full)
        {
            throw new CaptureRefusedException(CaptureRefusal.DiskFull());
        }
    }

    /// <summary>
    /// Sends events to their devices. Refuses: 503 when not all could be made durable in time; 400 when none was
    /// usable. Drops: missing_event_name, missing_distinct_id, invalid_uuid, invalid_text, too_old, person_deleted, project_archived,
    /// session_full, invalid_properties, invalid_snapshot. Warns: invalid_session_id, uuid_reused,
    /// generic_distinct_id.
    /// </summary>
    private async Task<CaptureOutcome> Track(CaptureVerdict.Taken batch)
    {
        CaptureOutcome outcome = CaptureOutcome.Of(batch, await devices.Track(batch.Project, batch.Events));
        metrics.Tracked(outcome.Kept);
        return outcome;
    }

    private async Task<CaptureVerdict> ReadEvents(HttpRequest request, BodyShare share)
    {
        using PooledBytes body = await reader.Read(request, share);
        DateTimeOffset now = time.GetUtcNow();
        CaptureVerdict verdict = Parse();
        if (verdict is CaptureVerdict.Refused { Refusal.UnknownTokens: { Count: > 0 } unknown })
        {
            await unknownTokens.LookUp(unknown, body.Length);
            verdict = Parse();
        }

        return verdict;

        CaptureVerdict Parse() => parser.Parse(body.Written, SentAtOf(request), now, client.Of(request));
    }

    private async Task<ParsedSnapshots> ReadSnapshots(HttpRequest request, BodyShare share)
    {
        using PooledBytes body = await reader.Read(request, share, options.MaxReplayBodyBytes);
        DateTimeOffset now = time.GetUtcNow();
        return await unknownTokens.Try(() => snapshotParser.Parse(body.Written, SentAtOf(request), now, share), body.Length);
    }

    private async Task Store(ReplayBlock[] blocks)
    {
        try
        {
            await blockWriter.Write(blocks);
        }
        catch (SessionsUnavailableException)
        {
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }

        metrics.Recorded(blocks.Sum(block => (long)block.Data.Length));
    }

    /// <summary>Returns a project's settings from the cache.</summary>
    private static async ValueTask<T> SettingsOf<T>(ProjectCache<T> cache, string project)
    {
        try
        {
            return await cache.Of(project);
        }
        catch (SessionsUnavailableException)
        {
            // Without the settings the gateway can't know whether the project wants these events. Neither dropping nor
            // keeping can be undone.
            throw new CaptureRefusedException(CaptureRefusal.Unavailable());
        }
    }

    /// <summary>When the client sent the request, according to its query.</summary>
    private static Moment? SentAtOf(HttpRequest request) =>
        SentAt.FromQuery(request.Query["_"].ToString()) ?? SentAt.FromQuery(request.Query["sent_at"].ToString());
}
