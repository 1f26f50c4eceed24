
namespace Sessions.Tests.Simulation.Cluster;

/// <summary>A grain: a device or a session.</summary>
internal readonly record struct GrainKey(string? Device, Guid Session)
{
    public override string ToString() => Device is null ? $"session {Session.ToString()[..8]}" : $"device {Device}";
}
