using Sessions.Domain;
using Sessions.Domain.Devices;
using Sessions.Domain.Folding;
using Sessions.Silo.Devices;
using Sessions.Silo.Sessions;

namespace Sessions.Tests.Simulation.Store;

/// <summary>
/// What a silo reads and writes, on <see cref="MemoryTables"/>. As in the product, checkpoints wait in the silo until they are
/// written, and are lost with it.
/// </summary>
internal sealed class MemoryStore(MemoryTables tables, IStoreLink link) : IDeviceStore, ISessionStore
{
    private readonly Dictionary<SessionKey, Waiting> _waiting = [];

    /// <summary>Whether last numbers are true. Only a test of the simulation itself says no: then no session is ever behind.</summary>
    public bool ReadsLastNumbers { get; init; } = true;

    /// <summary>Learns that a checkpoint waits, when none did.</summary>
    public Action? FirstWaits { get; set; }

    public StoreHistory? History => tables.History;

    public bool HasWaiting => _waiting.Count > 0;

    public Task<OpenedDevice?> Open(
        UserDeviceKey device, DateTimeOffset? reminderDue, long erasureGeneration, bool leaveUnknown = false) =>
        Ask<OpenedDevice?>("open", () => tables.Open(device, reminderDue, leaveUnknown));

    public Task<int> Remind(UserDeviceKey device, DateTimeOffset due) => Ask("remind", () => tables.Remind(device, due));

    public Task RemindNoMore(UserDeviceKey device, int version) => Ask("remind no more", () =>
    {
        tables.RemindNoMore(device, version);
        return true;
    });

    public Task<long> EpochOf(UserDeviceKey device) => Ask("epoch", () => tables.EpochOf(device));

    public Task<IReadOnlyList<SessionCheckpoint>> SessionsAround(UserDeviceKey device, DateTimeOffset time, TimeSpan idleTimeout) =>
        Ask("sessions around", () => tables.SessionsAround(device, time, idleTimeout));

    public Task<StoredSession?> Load(SessionKey session) => Ask("load", () => tables.Load(session));

    public Task<int> LastNumber(SessionKey session, DateOnly born) =>
        Ask("last number", () => ReadsLastNumbers ? tables.LastNumber(session, born) : Math.Min(1, tables.LastNumber(session, born)));

    public Task<IReadOnlyDictionary<int, EventContent>> Contents(
        SessionKey session, DateOnly born, IReadOnlyCollection<int> numbers) =>
        Ask("contents", () => tables.Contents(session, born, numbers));

    public void Checkpoint(SessionKey session, SessionState state, SessionRules rules, StoreHistory? history, RowMark? mark = null)
    {
        Add(session, new Waiting(state, rules, mark));
        if (_waiting.Count == 1)
        {
            FirstWaits?.Invoke();
        }
    }

    public Task CheckpointNow(SessionKey session, SessionState state, SessionRules rules) => Ask("checkpoint now", () =>
    {
        tables.Checkpoint(session, state, rules);
        return true;
    });

    /// <summary>Writes the checkpoints that wait; what could not be written waits again.</summary>
    public async Task<bool> Flush()
    {
        KeyValuePair<SessionKey, Waiting>[] taken = [.. _waiting];
        _waiting.Clear();
        try
        {
            await Ask("checkpoints", () =>
            {
                foreach ((SessionKey session, Waiting row) in taken)
                {
                    tables.Checkpoint(session, row.State, row.Rules);
                }

                return true;
            });
            foreach (Waiting row in taken.Select(one => one.Value))
            {
                row.Mark?.Set(row.State.Number, row.Rules);
            }

            return true;
        }
        catch (SessionsUnavailableException)
        {
            foreach ((SessionKey session, Waiting row) in taken)
            {
                Add(session, row);
            }

            return false;
        }
    }

    private void Add(SessionKey session, Waiting row)
    {
        if (!_waiting.TryGetValue(session, out Waiting? waiting) || waiting.State.Number <= row.State.Number)
        {
            _waiting[session] = row;
        }
    }

    private Task<T> Ask<T>(string what, Func<T> statement)
    {
        var answer = new TaskCompletionSource<T>();
        T result = default!;
        link.Send(what, () => result = statement(), reached =>
        {
            if (reached == Reached.Answered)
            {
                answer.SetResult(result);
            }
            else
            {
                answer.SetException(new SessionsUnavailableException("Postgres can't be read now."));
            }
        });
        return answer.Task;
    }

    private sealed record Waiting(SessionState State, SessionRules Rules, RowMark? Mark);
}
