using Sessions.Silo.PersonData;


namespace Sessions.Tests.Silo.Activations;

/// <summary>No person has been forgotten.</summary>
internal sealed class Nobody : IForgottenPersons
{
    public static Nobody Forgotten { get; } = new();

    public long Generation => 0;

    public bool Covers(string project, string distinctId, DateTimeOffset time) => false;
}
