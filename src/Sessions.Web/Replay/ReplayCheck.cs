using Microsoft.Extensions.Options;
using Sessions.Capture.Replay;
using Sessions.Client.Projects;
using Sessions.Domain.Replay;
using Sessions.Queries;

namespace Sessions.Web.Replay;

/// <summary>
/// Finds out whether recordings can be played. Sessions and blocks say what pictures they have; blocks of earlier builds do not, and
/// are read up to the first picture of their window.
/// </summary>
internal sealed class ReplayCheck(ReplayQueries replays, ProjectCache<ReplaySettings> settings, IOptions<ReplayOptions> options)
{
    // A window whose picture is not in the first blocks has it later, or has lost it.
    private const long MaxCheckedBytes = 64 << 20;

    /// <summary>
    /// Whether a session's recording can be played, and if not, why. Nearly always the session itself knows it, and Postgres
    /// is not asked.
    /// </summary>
    /// <param name="key">The session's key.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't answer now.</exception>
    public async Task<ReplayPlayability> Of(SessionKey key, Session session, CancellationToken cancellation)
    {
        if (session.ReplayWindows is { } known)
        {
            return ReplayPlayability.Of(known);
        }

        IReadOnlyList<ReplayBlockRef> blocks = session.HasReplay ? await replays.List(key, after: 0, cancellation) : [];
        return blocks.Count == 0
            ? ReplayPlayability.OfNothing((await settings.Of(key.Project)).Enabled)
            : ReplayPlayability.Of([.. (await Windows(key, blocks, cancellation)).Values]);
    }

    /// <summary>What each window of a recording has of pictures.</summary>
    /// <param name="session">The session.</param>
    /// <param name="blocks">All of its blocks.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="Npgsql.NpgsqlException">Postgres can't answer now.</exception>
    public async Task<IReadOnlyDictionary<string, ReplayPictures>> Windows(
        SessionKey session, IReadOnlyList<ReplayBlockRef> blocks, CancellationToken cancellation)
    {
        Dictionary<string, ReplayPictures> windows = [];
        foreach (ReplayBlockRef block in blocks)
        {
            windows[block.WindowId] = windows.GetValueOrDefault(block.WindowId) + (block.Pictures ?? default);
        }

        long checkedBytes = 0;
        foreach (IGrouping<string, ReplayBlockRef> silent in blocks.Where(block => block.Pictures is null).GroupBy(block => block.WindowId))
        {
            if (windows[silent.Key].Full == 0)
            {
                (ReplayPictures found, long bytes) = await Read(session, [.. silent], MaxCheckedBytes - checkedBytes, cancellation);
                windows[silent.Key] += found;
                checkedBytes += bytes;
            }
        }

        return windows;
    }

    /// <summary>
    /// The blocks before a part of a recording that say what is on the screens of phones when the part begins. None when the
    /// part is the whole, or the recording is of web pages, whose events stand alone.
    /// </summary>
    /// <param name="all">All blocks of the recording, in the order of their first events.</param>
    /// <param name="fromMs">The time at which the part begins.</param>
    /// <param name="after">The journal number after which it begins.</param>
    /// <param name="windows">What each window has of pictures.</param>
    public static IReadOnlyList<ReplayBlockRef> Before(
        IReadOnlyList<ReplayBlockRef> all, long fromMs, int after, IReadOnlyDictionary<string, ReplayPictures> windows)
    {
        List<ReplayBlockRef> before =
        [
            .. all.Where(block => windows[block.WindowId].Mobile > 0 && (block.Number <= after || block.EndMs < fromMs)),
        ];
        // Each full snapshot begins anew.
        int first = before
            .GroupBy(block => block.WindowId)
            .Select(window => before.IndexOf(window.LastOrDefault(block => block.Pictures is not { Full: 0 }, window.First())))
            .DefaultIfEmpty(0)
            .Min();
        return before[first..];
    }

    /// <summary>Reads a window's blocks up to the first picture. A window that is too large to be read counts as playable.</summary>
    private async Task<(ReplayPictures Found, long Bytes)> Read(
        SessionKey session, IReadOnlyList<ReplayBlockRef> blocks, long maxBytes, CancellationToken cancellation)
    {
        bool isUnknown = false;
        long bytes = 0;
        await foreach (StoredReplayBlock stored in replays.Read(session, blocks, options.Value.MaxReadBytes, cancellation))
        {
            using var block = new OpenReplayBlock(stored, place: 0);
            bool isKnown = false;
            while (block.Next())
            {
                if (!ReplayFactsReader.TryRead(block.Line.Span, out ReplayFacts facts))
                {
                    continue;
                }

                isKnown |= facts.IsKnown;
                isUnknown |= facts.Picture == PictureKind.Unknown;
                if (facts.Picture is PictureKind.Web or PictureKind.Mobile)
                {
                    return (new ReplayPictures(1, facts.Picture == PictureKind.Mobile ? 1 : 0, isUnknown), bytes + block.Ref.Bytes);
                }
            }

            isUnknown |= !isKnown;
            bytes += block.Ref.Bytes;
            if (bytes > maxBytes)
            {
                return (new ReplayPictures(1, 0, isUnknown), bytes);
            }
        }

        return (new ReplayPictures(0, 0, isUnknown), bytes);
    }
}
