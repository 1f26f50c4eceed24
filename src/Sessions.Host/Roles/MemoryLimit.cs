using Sessions.Host.Configuration;

namespace Sessions.Host.Roles;

/// <summary>Holds a process to the memory that its operator gives it.</summary>
internal static class MemoryLimit
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>
    /// Has the garbage collector keep the heap below the configured limit. Silos put away grains that have been idle for
    /// longest before it is reached, and the bounded queues see to the rest.
    /// </summary>
    /// <exception cref="ConfigurationException">The setting is wrong.</exception>
    public static void Apply(IConfiguration configuration)
    {
        int megabytes = configuration.Read<MemorySettings>(MemorySettings.Section).LimitMegabytes;
        if (megabytes == 0)
        {
            return;
        }

        // The name under which the runtime reads it, at the start or whenever it is told to.
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
