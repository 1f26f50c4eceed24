using Sessions.Domain;

namespace Sessions.Database.Connections;

/// <summary>Knows which history of the store is the present one.</summary>
public interface IStoreHistory
{
    /// <summary>
    /// The present history. Who reads the store notes it before the read: what was read belongs to it, or to a later one.
    /// </summary>
    StoreHistory Current { get; }
}
