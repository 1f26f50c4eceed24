using System.Threading.Channels;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Live;

/// <summary>
/// Those who watch one project at this gateway, and which of its sessions they know to be live, in which version. For
/// several threads.
/// </summary>
internal sealed class LiveProject(int maxWaiting, int maxKnown)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Channel<byte[]>> _watchers = [];
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<Guid, long> _known = [];

    /// <summary>Completes when every silo's news reach this project's watchers.</summary>
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

    /// <summary>Removes a watcher; returns how many are left.</summary>
    public int Remove(Channel<byte[]> watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
            return _watchers.Count;
        }
    }

    /// <summary>Passes on what a silo told.</summary>
    public void Take(LiveNews news)
    {
        Guid id = news.Session.SessionId;
        long version = news.Session.Version;
        SessionRow row = SessionRow.From(news.Session);
        lock (_gate)
        {
            if (!_followed.Task.IsCompleted)
            {
                // Nobody's stream is open yet, and who was on before is not known.
                return;
            }

            bool isKnown = _known.TryGetValue(id, out long known);
            if (isKnown && version < known)
            {
                // Its row, or another silo, has told of more.
                return;
            }

            if (news.Session.Status == SessionStatus.Live)
            {
                // One that nobody knew yet begins for those who watch, whatever its silo thinks.
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

    /// <summary>Compares what the watchers know with who is live.</summary>
    /// <param name="live">All live sessions with their rows' versions, as many as may be known.</param>
    /// <returns>
    /// Those that are live and not known, or known in an older version, and those that are known and not live. Nothing the
    /// first time.
    /// </returns>
    public (IReadOnlyList<Guid> Missed, IReadOnlyList<Guid> Gone) Compare(IReadOnlyDictionary<Guid, long> live)
    {
        lock (_gate)
        {
            if (!_followed.Task.IsCompleted)
            {
                // Who comes now reads who is live by themselves; from here on they are told.
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

    /// <summary>Tells of sessions that were missed, as their rows have them.</summary>
    /// <param name="sessions">The rows.</param>
    /// <param name="live">The versions of those that were live: a row has that one or a later.</param>
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
                    // Its silo may have told of more meanwhile; then there is nothing to say.
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
                // Too slow: it is cut, and comes again to see how things are then.
                watcher.Writer.TryComplete();
            }
        }
    }
}
