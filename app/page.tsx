import { redirect } from "next/navigation";
import { listClusters } from "@/lib/clusters/registry";
import { openPage } from "@/lib/gate/page";

export default async function HomePage() {
  await openPage();
  const clusters = listClusters();
  redirect(clusters.length === 1 && clusters[0] ? `/clusters/${clusters[0].id}` : "/clusters");
}
