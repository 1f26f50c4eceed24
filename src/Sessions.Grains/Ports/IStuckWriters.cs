namespace Sessions.Grains;

/// <summary>Writers of the journal that stopped in the middle of a transaction and keep others waiting.</summary>
public interface IStuckWriters
{
    /// <summary>Ends their connections; what they had not committed is rolled back.</summary>
    Task CutOff();
}
