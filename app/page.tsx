import { redirect } from "next/navigation";
import { openPage, visibleClusters } from "@/lib/gate/page";

export default async function HomePage() {
  const clusters = visibleClusters(await openPage());
  redirect(clusters.length === 1 && clusters[0] ? `/clusters/${clusters[0].id}` : "/clusters");
}
