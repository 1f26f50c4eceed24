using Sessions.Host.Configuration;

namespace Sessions.Host.Roles;

/// <summary>Limits the memory of a process to the operator's setting.</summary>
internal static class MemoryLimit
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>
    /// Makes the garbage collector keep the heap below the configured limit. Before it is reached, silos deactivate
    /// the grains that have been idle for longest, and bounded queues limit the other memory.
    /// </summary>
    /// <exception cref="ConfigurationException">The setting is wrong.</exception>
    public static void Apply(IConfiguration configuration)
    {
        int megabytes = configuration.Read<MemorySettings>(MemorySettings.Section).LimitMegabytes;
        if (megabytes == 0)
        {
            return;
        }

        // The runtime reads the limit under this name, at its start and when it is told to refresh.
        AppContext.SetData("GCHeapHardLimit", (ulong)(megabytes * Mebibyte));
        try
        {
            GC.RefreshMemoryLimit();
        }
        catch (InvalidOperationException refused)
        {
            throw new ConfigurationException($"{MemorySettings.Section}:{nameof(MemorySettings.LimitMegabytes)} ({megabytes}): {refused.Message}", refused);
        }
    }
}
