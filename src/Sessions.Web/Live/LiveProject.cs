using System.Threading.Channels;
using Sessions.Database.Properties;

namespace Sessions.Web.Live;

/// <summary>
/// The streams of one project at this gateway, and the live sessions that they know, with their versions. Thread-safe.
/// </summary>
internal sealed class LiveProject(int maxWaiting, int maxKnown)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Channel<byte[]>> _watchers = [];
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<Guid, long> _known = [];

    /// <summary>Completes when the news of every silo reach this project's streams.</summary>
    public Task Followed => _followed.Task;

    public Channel<byte[]> Add()
    {
        var watcher = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(maxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        lock (_gate)
        {
            _watchers.Add(watcher);
        }

        return watcher;
    }

    /// <summary>Removes a stream; returns how many are left.</summary>
    public int Remove(Channel<byte[]> watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
            return _watchers.Count;
        }
    }

    /// <summary>Passes on the news of a silo.</summary>
    public void Take(LiveNews news)
    {
        Guid id = news.Session.SessionId;
        long version = news.Session.Version;
        SessionRow row = SessionRow.From(news.Session);
        lock (_gate)
        {
            if (!_followed.Task.IsCompleted)
            {
                // No stream is open yet, and the earlier sessions are unknown.
                return;
            }

            bool isKnown = _known.TryGetValue(id, out long known);
            if (isKnown && version < known)
            {
                // A row, or another silo, has already reported a newer version.
                return;
            }

            if (news.Session.Status == SessionStatus.Live)
            {
                // A session that the streams did not know starts for them, whatever its silo reports.
                bool hasRoom = isKnown || _known.Count < maxKnown;
                bool isNew = !isKnown && (hasRoom || news.Began);
                if (hasRoom)
                {
                    _known[id] = version;
                }

                Send(isNew ? LiveMessage.Started(row) : LiveMessage.Updated(row));
            }
            else
            {
                if (news.Began && !isKnown)
                {
                    Send(LiveMessage.Started(row));
                }

                _known.Remove(id);
                Send(LiveMessage.Ended(row));
            }
        }
    }

    /// <summary>Compares the sessions that the streams know with the live ones.</summary>
    /// <param name="live">The live sessions with the versions of their rows, up to the limit.</param>
    /// <returns>
    /// The live sessions that are unknown or known in an older version, and the known sessions that are not live.
    /// Nothing the first time.
    /// </returns>
    public (IReadOnlyList<Guid> Missed, IReadOnlyList<Guid> Gone) Compare(IReadOnlyDictionary<Guid, long> live)
    {
        lock (_gate)
        {
            if (!_followed.Task.IsCompleted)
            {
                // New streams read the live sessions themselves, and get news from here on.
                _known = new Dictionary<Guid, long>(live);
                _followed.TrySetResult();
                return ([], []);
            }

            IEnumerable<Guid> fresh = live.Keys.Where(id => !_known.ContainsKey(id));
            IEnumerable<Guid> wentOn = live.Where(one => _known.TryGetValue(one.Key, out long known) && known < one.Value).Select(one => one.Key);
            return live.Count < maxKnown
                ? ([.. fresh, .. wentOn], [.. _known.Keys.Where(id => !live.ContainsKey(id))])
                : ([.. fresh.Take(maxKnown - _known.Count), .. wentOn], []);
        }
    }

    /// <summary>Reports missed sessions according to their rows.</summary>
    /// <param name="sessions">The rows.</param>
    /// <param name="live">The versions of those that were live. A row has this version or a later one.</param>
    public void CatchUp(IReadOnlyList<SessionRow> sessions, IReadOnlyDictionary<Guid, long> live)
    {
        lock (_gate)
        {
            foreach (SessionRow session in sessions)
            {
                var id = (Guid)session["$session_id"]!;
                if ((string?)session["status"] != SessionStatus.Live.ToWord())
                {
                    if (_known.Remove(id))
                    {
                        Send(LiveMessage.Ended(session));
                    }
                }
                else if (_known.TryAdd(id, live.GetValueOrDefault(id)))
                {
                    Send(LiveMessage.Started(session));
                }
                else if (_known[id] < live.GetValueOrDefault(id))
                {
                    // Its silo may have reported a newer version meanwhile. Then there is no news.
                    _known[id] = live[id];
                    Send(LiveMessage.Updated(session));
                }
            }
        }
    }

    private void Send(byte[] message)
    {
        foreach (Channel<byte[]> watcher in _watchers)
        {
            if (!watcher.Writer.TryWrite(message))
            {
                // The client is too slow. Its stream is closed; it reconnects and reads the current state.
                watcher.Writer.TryComplete();
            }
        }
    }
}
